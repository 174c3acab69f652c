/** `npm run fuzz`: inputs that nobody sends, for everything that reads what comes from outside. See `--help`. */
import { parseArgs } from 'node:util';
import { amount, readOrExit, UsageError, wholeNumber } from '../load/command-line.js';
import { progressLine } from '../load/progress-line.js';
import { Random } from '../load/random.js';
import { RelayProcess } from '../load/relay-process.js';
import { parsers } from './parsers.js';
import { fuzzFrames, fuzzRequests } from './sockets.js';
import { tryParser } from './try-parser.js';

const overSockets = /** @type {const} */ ({ requests: fuzzRequests, frames: fuzzFrames });
const KINDS = [...Object.keys(parsers), ...Object.keys(overSockets)];

const HELP = `npm run fuzz -- [options]

Takes good samples, changes them at random, and hands them to the parsers, and over real sockets to a relay that it starts.
A parser may refuse an input with its own error, short and without control characters, and nothing else; it must agree with
JSON.parse. The relay must go on, close or answer each connection, answer briefly, and report no internal fault.
Prints one JSON object.

  --seconds NUMBER     in all, shared by the kinds (10)
  --seed NUMBER        (1)
  --only KIND[,KIND]   of ${KINDS.join(', ')}
  --progress           a line each second on stderr, without a terminal too
  -h, --help           this

Exit: 0 if all of that held; 1 if not; 2 for a wrong command line.
`;
const MAX_FAILURES = 20;

const readOptions = () => {
  const text = /** @type {const} */ ({ type: 'string' });
  const { values } = parseArgs({
    options: {
      seconds: { ...text, default: '10' },
      seed: { ...text, default: '1' },
      only: { ...text, default: KINDS.join(',') },
      progress: { type: 'boolean', default: false },
    },
  });
  const kinds = values.only.split(',');
  const unknown = kinds.find((kind) => !KINDS.includes(kind));
  if (unknown !== undefined)
    throw new UsageError(`--only takes ${KINDS.join(', ')}, not ${JSON.stringify(unknown)}`);
  return {
    seconds: amount('seconds', values.seconds, { from: 0.1, to: 1_000_000, unit: 'seconds' }),
    seed: wholeNumber('seed', values.seed, { from: 0, to: 2 ** 31 - 1 }),
    kinds,
    isProgressAsked: values.progress,
  };
};

// Most inputs are refused with an error: its stack would cost more than the parser.
Error.stackTraceLimit = 0;
const { seconds, seed, kinds, isProgressAsked } = readOrExit('fuzz', HELP, readOptions);
const line = progressLine({ isAsked: isProgressAsked });
const startMs = performance.now();
/** @type {Record<string, number>} */
const inputs = {};
/** @type {{ kind: string, problem: string, input_base64: string }[]} */
const failures = [];
const sliceMs = (seconds * 1_000) / kinds.length;

const reportFor =
  (/** @type {string} */ kind) => (/** @type {Buffer} */ input, /** @type {string} */ problem) => {
    if (failures.length < MAX_FAILURES)
      failures.push({ kind, problem, input_base64: input.toString('base64') });
  };

for (const kind of kinds) {
  const parser = parsers[kind];
  if (parser === undefined) continue;
  const random = new Random(seed + KINDS.indexOf(kind));
  const untilMs = performance.now() + sliceMs;
  inputs[kind] = await tryParser(parser, random, untilMs, reportFor(kind), (count) =>
    line.say(`fuzz ${kind}: ${count} inputs`),
  );
}

const socketKinds = /** @type {(keyof typeof overSockets)[]} */ (
  kinds.filter((kind) => Object.hasOwn(overSockets, kind))
);
const relay = socketKinds.length > 0 ? await RelayProcess.start([]) : undefined;
if (relay !== undefined) {
  const target = {
    isTls: false,
    host: '127.0.0.1',
    port: relay.port,
    path: '',
    ca: undefined,
    token: undefined,
  };
  for (const kind of socketKinds) {
    line.say(`fuzz ${kind}`);
    const random = new Random(seed + KINDS.indexOf(kind));
    inputs[kind] = await overSockets[kind](target, random, performance.now() + sliceMs, reportFor(kind));
  }
  const report = reportFor('relay');
  try {
    const faults = (await relay.series()).get('pyrycode_relay_internal_faults_total');
    if (faults !== 0) report(Buffer.alloc(0), `${faults} internal faults`);
  } catch (error) {
    report(Buffer.alloc(0), `no metrics any more: ${error instanceof Error ? error.message : String(error)}`);
  }
  const code = await relay.stop();
  if (code !== 0) report(Buffer.alloc(0), `the relay ended with ${code}`);
}
line.clear();
const result = {
  seed,
  seconds: Number(((performance.now() - startMs) / 1_000).toFixed(1)),
  inputs,
  inputs_in_all: Object.values(inputs).reduce((sum, count) => sum + count, 0),
  failures,
  ok: failures.length === 0,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(result.ok ? 0 : 1);
