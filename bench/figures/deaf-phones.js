/**
 * Phones that never read while their binaries burst without end: does the relay stay below its limit, do others notice, and does
 * the memory come back? The limit is that of a container of 512 MiB, given as flags, and the allocator is the image's.
 */
import { Generator } from '../load/start-generator.js';
import {
  allowAllCores,
  keepHelpersOffMeasuredCore,
  keepOffMeasuredCore,
  pinningNotes,
  yieldToOthers,
} from '../measure/pinning.js';
import { residentMib, watchPeak } from '../measure/resident-peak.js';
import { median, ratio } from '../measure/statistics.js';
import { watchStolen } from '../measure/stolen.js';
import { findMimalloc } from '../peers/find-mimalloc.js';
import { startOurs } from '../peers/peers.js';

const LIMIT_MIB = 512;
const NODE_FLAGS = ['--max-old-space-size=256'];
const FLAGS = ['--total-backlog-bytes', '128MiB', '--memory-watermark', '435MiB'];
const FRAME_BYTES = 16_384;
const QUIET = { frameBytes: 300, echoesPerSecond: 200 };
const NO_MIMALLOC =
  'mimalloc 2, which the image loads, is not installed here (apt-get install libmimalloc2.0): with glibc.';
const NOT_URGENT =
  'The process that measures echoes could not get the highest priority (run as root): its own waiting counts, too.';

/** What is asked for, and what is worse: phones that are gone once the relay has closed them, and phones that dial again. */
const ATTACKS = [
  { label: 'closed once', dialsAgain: false },
  { label: 'dialling again', dialsAgain: true },
];

/**
 * Attacks on one relay, one after the other. The first is not counted: V8 compiles the code in it. As a control, each attack goes
 * to a second relay first, which runs on the measured core at the lowest priority. What the quiet pairs see then is mostly caused by the
 * machine; the two relays still share time slices and caches.
 * @param {{ dialsAgain: boolean, quick: boolean, progress: (doing: string) => void }} options
 */
const attack = async ({ dialsAgain, quick, progress }) => {
  const size = { servers: quick ? 20 : 250, phones: 16, frameBytes: FRAME_BYTES, dialsAgain };
  const rounds = quick ? 1 : 3;
  const attackMs = quick ? 1_000 : 30_000;
  const aloneMs = quick ? 300 : 15_000;
  // The relay collects its heap three times after all have connected: that is not what a quiet pair is compared with.
  const calmMs = quick ? 300 : 25_000;
  const settleMs = quick ? 300 : 10_000;
  const afterMs = quick ? 300 : 30_000;
  const mimalloc = findMimalloc();
  const env = mimalloc === undefined ? {} : { LD_PRELOAD: mimalloc };
  const start = async () => await startOurs({ flags: FLAGS, nodeFlags: NODE_FLAGS, env });
  const [peer, other] = [await start(), await start()];
  yieldToOthers(other.pid);
  const [quiet, deaf] = [new Generator({ isUrgent: true }), new Generator()];
  const { pid } = peer;
  const listen = async (/** @type {number} */ ms) => {
    const stolen = watchStolen();
    const heard = await quiet.ask('paced', { name: 'ours', pid, ...QUIET, ms });
    return { ...heard, stolen: stolen() };
  };
  let lost = 0;
  const attackOnce = async (/** @type {import('../peers/peers.js').Peer} */ attacked) => {
    // Each time, for threads that have been started since.
    keepHelpersOffMeasuredCore(attacked.pid);
    await listen(settleMs);
    await deaf.ask('deafen', { port: attacked.port, ...size });
    await listen(calmMs);
    const connectedMib = residentMib(attacked);
    const alone = await listen(aloneMs);
    await deaf.ask('burst');
    const beside = await listen(attackMs);
    const { closed, redialled } = await deaf.ask('hush');
    const missing = (attackMs * QUIET.echoesPerSecond) / 1_000 - beside.count;
    // Every echo is awaited, so a lost one would be a test that never ends; one may be due at the very end.
    // It is the same relay that the quiet pairs are on, whichever is attacked.
    lost = Math.max(lost, missing - 1);
    return { connectedMib, alone, beside, closed, redialled };
  };
  // This process reads the relay's log and samples its memory.
  keepOffMeasuredCore(process.pid);
  const peak = watchPeak(peer);
  try {
    await quiet.ask('populate', { name: 'ours', port: peer.port, servers: 8, phones: 1, prefix: 'quiet' });
    progress('quiet pairs only');
    await listen(settleMs + calmMs);
    const before = residentMib(peer);
    progress('an attack that is not counted');
    const first = await attackOnce(peer);
    progress('an attack on another relay that is not counted');
    await attackOnce(other);
    /** @type {Seen[]} */
    const counted = [];
    /** @type {Seen[]} */
    const controls = [];
    for (let round = 1; round <= rounds; round++) {
      progress(`attack ${round} of ${rounds}, on another relay`);
      controls.push(await attackOnce(other));
      progress(`attack ${round} of ${rounds}`);
      counted.push(await attackOnce(peer));
    }
    progress('afterwards');
    await listen(afterMs);
    return {
      phones: size.servers * size.phones,
      first,
      counted,
      controls,
      before,
      peak: peak.mib(),
      after: residentMib(peer),
      lost,
      isUrgent: quiet.isUrgent,
    };
  } finally {
    peak.end();
    quiet.stop();
    deaf.stop();
    await peer.stop();
    await other.stop();
    allowAllCores(process.pid);
  }
};

/** @typedef {{ count: number, p50: number, p99: number, stolen: number }} Heard */
/** @typedef {{ connectedMib: number, alone: Heard, beside: Heard, closed: number, redialled: number }} Seen */

/**
 * The medians of some attacks.
 * @param {readonly Seen[]} seen
 */
const medians = (seen) => {
  const of = (/** @type {(one: Seen) => number} */ what) => median(seen.map(what));
  return {
    counts: [of(({ closed }) => closed), of(({ redialled }) => redialled)],
    latencies: [
      of(({ alone }) => alone.p50),
      of(({ beside }) => beside.p50),
      of(({ alone }) => alone.p99),
      of(({ beside }) => beside.p99),
      of(({ beside }) => beside.count),
    ],
  };
};

/** @param {readonly Seen[]} seen */
const besideAlone = (seen) =>
  ratio(
    seen.map(({ beside }) => beside.p99),
    seen.map(({ alone }) => alone.p99),
  );

/** @type {import('./figure.d.ts').Figure} */
export const deafPhonesFigure = {
  id: 'deaf',
  title: 'Phones that never read, whose binaries burst without end',
  run: async ({ quick, progress }) => {
    const notes = new Set(pinningNotes);
    if (findMimalloc() === undefined) notes.add(NO_MIMALLOC);
    /** @type {(string | number | null)[][]} */
    const rows = [];
    /** @type {import('./figure.d.ts').Target[]} */
    const targets = [];
    for (const { label, ...kind } of ATTACKS) {
      const say = (/** @type {string} */ doing) => progress(`${label}: ${doing}`);
      const seen = await attack({ ...kind, quick, progress: say });
      const { phones, first, counted, controls, before, peak, after } = seen;
      if (!seen.isUrgent) notes.add(NOT_URGENT);
      const row = (
        /** @type {string} */ name,
        /** @type {readonly Seen[]} */ some,
        /** @type {(number | null)[]} */ mib,
      ) => {
        const { counts, latencies } = medians(some);
        rows.push([name, phones, ...counts, ...mib, ...latencies]);
      };
      row(label, counted, [before, counted[0]?.connectedMib ?? null, peak, after]);
      row(`${label}, first attack`, [first], [null, first.connectedMib, null, null]);
      row(`${label}, another relay`, controls, [null, null, null, null]);
      const taken = (/** @type {(one: Seen) => Heard} */ when) =>
        (100 * median(counted.map((one) => when(one).stolen))).toFixed(1);
      if (!Number.isNaN(counted[0]?.alone.stolen ?? Number.NaN))
        notes.add(
          `${label}: of the time that the cores had work, the host took ${taken((one) => one.alone)} % alone and ${taken((one) => one.beside)} % beside.`,
        );
      targets.push(
        { name: `${label}: RSS at most`, value: peak, limit: LIMIT_MIB, unit: 'MiB' },
        { name: `${label}: RSS afterwards / before, quiet pairs only`, value: after / before, limit: 1.1 },
        { name: `${label}: p99 of a quiet pair, beside / alone`, value: besideAlone(counted), limit: 3 },
        { name: `${label}: echoes of quiet pairs lost`, value: seen.lost, limit: 0 },
      );
    }
    return {
      columns: [
        'phones, when closed',
        'phones',
        'closed',
        'dialled again',
        'MiB before',
        'connected',
        'at most',
        'afterwards',
        'p50 alone, ms',
        'beside',
        'p99 alone, ms',
        'beside',
        'echoes beside',
      ],
      rows,
      targets,
      notes: [...notes],
    };
  },
};
