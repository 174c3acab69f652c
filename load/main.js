/** `npm run load`: a load client for any relay of this wire. See `--help`. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { address, amount, choice, readOrExit, UsageError, wholeNumber } from './command-line.js';
import { watchProcess } from './process-facts.js';
import { progressLine } from './progress-line.js';
import { RelayProcess } from './relay-process.js';
import { scenarios } from './scenarios.js';
import { isGood } from './stream.js';
import { runLoad } from './workers.js';

const HELP = `npm run load -- --scenario NAME [options]

Puts a relay of this wire under load, and accounts for every frame. Prints one JSON object.

  --scenario NAME      idle: connections are held, and each is tried at the end
                       echo: each phone sends 1 KiB, and again when it has its answer
                       ownership: claim, a rival refused, pair, reclaim, release
                       reconnect: phones leave, dial again, and get a burst
                       upload: 8 MB up and 3 MB down, without a pause
                       mix: streams, reconnects and uploads, ten times as fast as in life
  --target URL         the relay, ws:// or wss://; without it one is started here, on a free port.
                       Its rate limit must be off (--rate-burst 0) or allow for the dials
  --server-ids NUMBER  (10), from 1
  --phones NUMBER      on each server-id (2), from 0 to 1000
  --seconds NUMBER     of load, once all are connected (10); ownership ends when all server-ids had a turn, too
  --processes NUMBER   to spread the server-ids over (1), from 1 to 64
  --dials NUMBER       at once, for each process (50)
  --patience SECONDS   how long to wait for a frame before it counts as lost (10)
  --seed NUMBER        of the choices that are random (1)
  --ca FILE            certificate authorities for wss://, in PEM
  --token TOKEN        for relays that want one of binaries (X-Pyrycode-Relay-Token)
  --pid PID            process of the relay: adds its memory, descriptors and CPU time
  --progress           a line each second on stderr, without a terminal too
  -h, --help           this

Exit: 0 if all dials succeeded, nothing was lost, reordered, duplicated, delivered to somebody else (foreign) or changed on
the way (foreign), every close was answered (else unclean), and every binary was told of the phones that left (else untold);
1 if not; 2 for a wrong command line.
`;

const readCa = (/** @type {string} */ file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      `--ca: ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
};

const readOptions = () => {
  const text = /** @type {const} */ ({ type: 'string' });
  const { values } = parseArgs({
    options: {
      scenario: text,
      target: text,
      'server-ids': { ...text, default: '10' },
      phones: { ...text, default: '2' },
      seconds: { ...text, default: '10' },
      processes: { ...text, default: '1' },
      dials: { ...text, default: '50' },
      patience: { ...text, default: '10' },
      seed: { ...text, default: '1' },
      ca: text,
      token: text,
      pid: text,
      progress: { type: 'boolean', default: false },
    },
  });
  const { target, ca, token, pid } = values;
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    throw new UsageError('--token takes visible ASCII characters');
  return {
    scenario: choice('scenario', values.scenario, Object.keys(scenarios)),
    target:
      target === undefined
        ? undefined
        : { ...address('target', target), ca: ca === undefined ? undefined : readCa(ca), token },
    serverIds: wholeNumber('server-ids', values['server-ids'], { from: 1, to: 1_000_000 }),
    phones: wholeNumber('phones', values.phones, { from: 0, to: 1_000 }),
    seconds: amount('seconds', values.seconds, { from: 0, to: 1_000_000, unit: 'seconds' }),
    processes: wholeNumber('processes', values.processes, { from: 1, to: 64 }),
    atOnce: wholeNumber('dials', values.dials, { from: 1, to: 10_000 }),
    patienceMs: amount('patience', values.patience, { from: 0.1, to: 3_600, unit: 'seconds' }) * 1_000,
    seed: wholeNumber('seed', values.seed, { from: 0, to: 2 ** 31 - 1 }),
    pid: pid === undefined ? undefined : wholeNumber('pid', pid, { from: 1, to: 2 ** 31 - 1 }),
    isProgressAsked: values.progress,
  };
};

const { target: given, pid, isProgressAsked, ...options } = readOrExit('load', HELP, readOptions);
const started = given === undefined ? await RelayProcess.start([]) : undefined;
const target = given ?? {
  ...{ isTls: false, host: '127.0.0.1', port: started?.port ?? 0, path: '', ca: undefined },
  token: undefined,
};
const run = `${process.pid.toString(36)}${Date.now().toString(36)}`;
const line = progressLine({ isAsked: isProgressAsked });
const relayPid = pid ?? started?.pid;
const relay = relayPid === undefined ? undefined : watchProcess(relayPid);
const startMs = performance.now();
let goMs = startMs;
const { counts, latency, notes } = await runLoad(
  { ...options, target, run },
  {
    onGo: () => {
      goMs = performance.now();
    },
    onProgress: ({ made, failed, sent, received, lost, unclean }) =>
      line.say(
        `${options.scenario} ${Math.round((performance.now() - startMs) / 1_000)} s: ${made} connections, ${failed} failed; ` +
          `frames ${sent} sent, ${received} received, ${lost} lost; ${unclean} unclean`,
      ),
  },
);
const elapsedS = (performance.now() - goMs) / 1_000;
line.clear();
const relayFacts = relay?.() ?? null;
await started?.stop();

const { made, failed, unclean, untold, ...frames } = counts;
const isOk = isGood(counts);
const result = {
  scenario: options.scenario,
  target: `${target.isTls ? 'wss' : 'ws'}://${target.host}:${target.port}${target.path}`,
  server_ids: options.serverIds,
  phones: options.phones,
  processes: options.processes,
  seed: options.seed,
  connect_seconds: Number(((goMs - startMs) / 1_000).toFixed(2)),
  seconds: Number(elapsedS.toFixed(2)),
  connections: { made, failed },
  frames,
  frames_per_second: Math.round(frames.received / elapsedS),
  unclean_closes: unclean,
  untold_binaries: untold,
  latency_ms: { p50: latency.quantile(0.5), p99: latency.quantile(0.99), p999: latency.quantile(0.999) },
  relay: relayFacts,
  notes: notes.slice(0, 20),
  ok: isOk,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(isOk ? 0 : 1);
