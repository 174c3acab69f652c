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
  { label: 'closed once', dialsAgain: false, hasControl: true },
  { label: 'dialling again', dialsAgain: true, hasControl: false },
];
const CONTROL = 'closed once, another relay';

/**
 * Attacks on one relay, one after the other. The first is not counted: V8 compiles the code in it. As a control, the same attack goes
 * to a second relay first, which runs on the measured core at the lowest priority. What the quiet pair sees then is mostly caused by the
 * machine; the two relays still share time slices and caches.
 * @param {{ dialsAgain: boolean, hasControl: boolean, quick: boolean, progress: (doing: string) => void }} options
 */
const attack = async ({ dialsAgain, hasControl, quick, progress }) => {
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
  const peer = await start();
  const [quiet, deaf] = [new Generator({ isUrgent: true }), new Generator()];
  const { pid } = peer;
  const listen = async (/** @type {number} */ ms) =>
    await quiet.ask('paced', { name: 'ours', pid, ...QUIET, ms });
  const connect = async (/** @type {import('../peers/peers.js').Peer} */ attacked) => {
    await listen(settleMs);
    await deaf.ask('deafen', { port: attacked.port, ...size });
    await listen(calmMs);
  };
  let lost = 0;
  const attackOnce = async () => {
    const alone = await listen(aloneMs);
    await deaf.ask('burst');
    const beside = await listen(attackMs);
    const { closed, redialled } = await deaf.ask('hush');
    const missing = (attackMs * QUIET.echoesPerSecond) / 1_000 - beside.count;
    // Every echo is awaited, so a lost one would be a test that never ends; one may be due at the very end.
    lost = Math.max(lost, missing - 1);
    return { alone, beside, closed, redialled };
  };
  const attackAnother = async () => {
    const other = await start();
    yieldToOthers(other.pid);
    try {
      progress('an attack on another relay that is not counted');
      await connect(other);
      await attackOnce();
      keepHelpersOffMeasuredCore(other.pid);
      progress('an attack on another relay');
      await connect(other);
      return await attackOnce();
    } finally {
      await other.stop();
    }
  };
  // This process reads the relay's log and samples its memory.
  keepOffMeasuredCore(process.pid);
  const peak = watchPeak(peer);
  try {
    await quiet.ask('populate', { name: 'ours', port: peer.port, servers: 8, phones: 1, prefix: 'quiet' });
    progress('connecting');
    await connect(peer);
    const before = residentMib(peer);
    progress('an attack that is not counted');
    await attackOnce();
    const control = hasControl ? await attackAnother() : undefined;
    /** @type {Awaited<ReturnType<typeof attackOnce>>[]} */
    const all = [];
    for (let round = 1; round <= rounds; round++) {
      progress(`attack ${round} of ${rounds}`);
      // Again each time, for threads that have been started since.
      keepHelpersOffMeasuredCore(pid);
      await connect(peer);
      all.push(await attackOnce());
    }
    progress('afterwards');
    await listen(afterMs);
    return {
      phones: size.servers * size.phones,
      control,
      before,
      peak: peak.mib(),
      after: residentMib(peer),
      lost,
      each: (/** @type {(round: (typeof all)[number]) => number} */ what) => all.map(what),
      isUrgent: quiet.isUrgent,
    };
  } finally {
    peak.end();
    quiet.stop();
    deaf.stop();
    await peer.stop();
    allowAllCores(process.pid);
  }
};

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
      const { each, control } = seen;
      if (!seen.isUrgent) notes.add(NOT_URGENT);
      const [alone, beside] = [each((round) => round.alone.p99), each((round) => round.beside.p99)];
      rows.push([
        label,
        seen.phones,
        median(each((round) => round.closed)),
        median(each((round) => round.redialled)),
        seen.before,
        seen.peak,
        seen.after,
        median(each((round) => round.alone.p50)),
        median(each((round) => round.beside.p50)),
        median(alone),
        median(beside),
        median(each((round) => round.beside.count)),
      ]);
      if (control !== undefined) {
        const { closed, redialled, alone: before, beside: during } = control;
        const latencies = [before.p50, during.p50, before.p99, during.p99];
        rows.push([CONTROL, seen.phones, closed, redialled, null, null, null, ...latencies, during.count]);
      }
      targets.push(
        { name: `${label}: RSS at most`, value: seen.peak, limit: LIMIT_MIB, unit: 'MiB' },
        { name: `${label}: RSS afterwards / before`, value: seen.after / seen.before, limit: 1.1 },
        { name: `${label}: p99 of a quiet pair, beside / alone`, value: ratio(beside, alone), limit: 3 },
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
