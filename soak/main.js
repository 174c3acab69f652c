/** `npm run soak`: days in the life of a relay, in minutes. See `--help`. */
import { parseArgs } from 'node:util';
import { address, amount, readOrExit, wholeNumber } from '../load/command-line.js';
import { progressLine } from '../load/progress-line.js';
import { isGood } from '../load/stream.js';
import { soak } from './soak.js';

const HELP = `npm run soak -- [options]

Streams, bursts and uploads between daemons and phones that come and go, under faults: resets, freezes, slow readers, half-open
peers, overflows, reclaims, takeovers, rivals, directives, broken input, reloads and a restart. A seed decides what happens when.
Every frame is accounted for: it was delivered, in order and once, or its connection was closed and told so. At the end
memory, descriptors, connections, queues and server-ids must be back where they were. Prints one JSON object.

  --minutes NUMBER     (1), fractions too
  --seed NUMBER        (1)
  --server-ids NUMBER  (20)
  --phones NUMBER      on each server-id (2), from 1 to 16
  --frames-per-second NUMBER  on top of bursts and uploads (1000)
  --patience SECONDS   how long to wait for what must come (15)
  --target URL         another relay, with --grace 3s, --probe-timeout 2s and --rate-burst 0: no reloads, restarts and levels.
                       Without it our own is started here
  --progress           a line each second on stderr, without a terminal too
  -h, --help           this

Exit: 0 if nothing was wrong; 1 if something was; 2 for a wrong command line.
`;

const readOptions = () => {
  const text = /** @type {const} */ ({ type: 'string' });
  const { values } = parseArgs({
    options: {
      minutes: { ...text, default: '1' },
      seed: { ...text, default: '1' },
      'server-ids': { ...text, default: '20' },
      phones: { ...text, default: '2' },
      'frames-per-second': { ...text, default: '1000' },
      patience: { ...text, default: '15' },
      target: text,
      progress: { type: 'boolean', default: false },
    },
  });
  return {
    durationMs: amount('minutes', values.minutes, { from: 0.05, to: 100_000, unit: 'minutes' }) * 60_000,
    seed: wholeNumber('seed', values.seed, { from: 0, to: 2 ** 31 - 1 }),
    serverIds: wholeNumber('server-ids', values['server-ids'], { from: 1, to: 5_000 }),
    phones: wholeNumber('phones', values.phones, { from: 1, to: 16 }),
    framesPerSecond: wholeNumber('frames-per-second', values['frames-per-second'], {
      from: 1,
      to: 1_000_000,
    }),
    patienceMs: amount('patience', values.patience, { from: 1, to: 600, unit: 'seconds' }) * 1_000,
    target:
      values.target === undefined
        ? undefined
        : { ...address('target', values.target), ca: undefined, token: undefined },
    isProgressAsked: values.progress,
  };
};

const { isProgressAsked, ...options } = readOrExit('soak', HELP, readOptions);
const line = progressLine({ isAsked: isProgressAsked });
const startMs = performance.now();
const { counts, latency, problems, ...rest } = await soak(options, ({ made, sent, received, excused }, ms) =>
  line.say(
    `soak ${Math.round(ms / 1_000)} s: ${made} connections; frames ${sent} sent, ${received} received, ${excused} excused`,
  ),
);
line.clear();
const { made, failed, unclean, untold, ...frames } = counts;
const isBalanced = frames.sent === frames.received - frames.duplicated + frames.lost + frames.excused;
if (!isBalanced) problems.push('the frames do not add up');
const isOk = isGood(counts) && problems.length === 0;
const result = {
  minutes: options.durationMs / 60_000,
  seed: options.seed,
  server_ids: options.serverIds,
  phones: options.phones,
  seconds: Number(((performance.now() - startMs) / 1_000).toFixed(1)),
  connections: { made, failed },
  frames,
  unclean_closes: unclean,
  untold_binaries: untold,
  latency_ms: { p50: latency.quantile(0.5), p99: latency.quantile(0.99), p999: latency.quantile(0.999) },
  ...rest,
  problems,
  ok: isOk,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(isOk ? 0 : 1);
