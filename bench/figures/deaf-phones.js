/**
 * Phones that never read while their binaries burst without end: does the relay stay below its limit, do others notice, and does
 * the memory come back? The limit is that of a container of 512 MiB, given as flags, and the allocator is the image's.
 */
import { readdirSync } from 'node:fs';
import { Generator } from '../load/start-generator.js';
import { rssKib } from '../measure/cpu.js';
import { ratio } from '../measure/statistics.js';
import { startOurs } from '../peers/peers.js';

const LIMIT_MIB = 512;
const NODE_FLAGS = ['--max-old-space-size=256'];
const FLAGS = ['--total-backlog-bytes', '128MiB', '--memory-watermark', '435MiB'];
const FRAME_BYTES = 16_384;
const QUIET = { frameBytes: 300, echoesPerSecond: 200 };
const SAMPLE_MS = 100;
const KIB_PER_MIB = 1_024;
/** Where Debian has libraries, one folder for each architecture. */
const LIBRARIES = '/usr/lib';
const NO_MIMALLOC =
  'mimalloc 2, which the image loads, is not installed here (apt-get install libmimalloc2.0): with glibc.';

/** The path of the allocator that deploy/Dockerfile loads, if it is there. */
const findMimalloc = () =>
  readdirSync(LIBRARIES)
    .filter((name) => name.endsWith('-linux-gnu'))
    .flatMap((name) => readdirSync(`${LIBRARIES}/${name}`).map((file) => `${LIBRARIES}/${name}/${file}`))
    .find((path) => path.endsWith('/libmimalloc.so.2'));

/** @param {import('../peers/peers.js').Peer} peer */
const residentMib = ({ pid }) => rssKib(pid) / KIB_PER_MIB;

/**
 * The most resident memory in MiB until `end` is called.
 * @param {import('../peers/peers.js').Peer} peer
 */
const watchPeak = (peer) => {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentMib(peer));
  }, SAMPLE_MS);
  return () => {
    clearInterval(timer);
    return peak;
  };
};

/** What is asked for, and what is worse: phones that are gone once the relay has closed them, and phones that dial again. */
const ATTACKS = [
  { label: 'closed once', dialsAgain: false },
  { label: 'dialling again', dialsAgain: true },
];

/** One attack on a relay of its own. @param {{ dialsAgain: boolean, quick: boolean, progress: (doing: string) => void }} options */
const attack = async ({ dialsAgain, quick, progress }) => {
  const size = { servers: quick ? 20 : 250, phones: 16, frameBytes: FRAME_BYTES, dialsAgain };
  const attackMs = quick ? 1_000 : 30_000;
  const aloneMs = quick ? 300 : 10_000;
  // The relay collects its heap three times after all have connected: that is not what a quiet pair is compared with.
  const calmMs = quick ? 300 : 25_000;
  const settleMs = quick ? 300 : 30_000;
  const mimalloc = findMimalloc();
  const env = mimalloc === undefined ? {} : { LD_PRELOAD: mimalloc };
  const peer = await startOurs({ flags: FLAGS, nodeFlags: NODE_FLAGS, env });
  const [quiet, deaf] = [new Generator(), new Generator({ isPatient: true })];
  try {
    const { port, pid } = peer;
    await quiet.ask('populate', { name: 'ours', port, servers: 8, phones: 1, prefix: 'quiet' });
    const listen = async (/** @type {number} */ ms) =>
      await quiet.ask('paced', { name: 'ours', pid, ...QUIET, ms });
    progress('connecting');
    await deaf.ask('deafen', { port, ...size });
    await listen(calmMs);
    progress('alone');
    const alone = await listen(aloneMs);
    const before = residentMib(peer);
    progress('attack');
    const endPeak = watchPeak(peer);
    await deaf.ask('burst');
    const beside = await listen(attackMs);
    const { closed, redialled } = await deaf.ask('hush');
    const peak = endPeak();
    progress('afterwards');
    await listen(settleMs);
    const after = residentMib(peer);
    const missing = (attackMs * QUIET.echoesPerSecond) / 1_000 - beside.count;
    // Every echo is awaited, so a lost one would be a test that never ends; one may be due at the very end.
    const lost = Math.max(missing - 1, 0);
    return {
      phones: size.servers * size.phones,
      closed,
      redialled,
      before,
      peak,
      after,
      alone,
      beside,
      lost,
    };
  } finally {
    quiet.stop();
    deaf.stop();
    await peer.stop();
  }
};

/** @type {import('./figure.d.ts').Figure} */
export const deafPhonesFigure = {
  id: 'deaf',
  title: 'Phones that never read, whose binaries burst without end',
  run: async ({ quick, progress }) => {
    /** @type {(string | number | null)[][]} */
    const rows = [];
    /** @type {import('./figure.d.ts').Target[]} */
    const targets = [];
    for (const { label, dialsAgain } of ATTACKS) {
      const say = (/** @type {string} */ doing) => progress(`${label}: ${doing}`);
      const seen = await attack({ dialsAgain, quick, progress: say });
      const { alone, beside } = seen;
      const numbers = [seen.phones, seen.closed, seen.redialled, seen.before, seen.peak, seen.after];
      rows.push([label, ...numbers, alone.p50, beside.p50, alone.p99, beside.p99, beside.count]);
      targets.push(
        { name: `${label}: RSS at most`, value: seen.peak, limit: LIMIT_MIB, unit: 'MiB' },
        { name: `${label}: RSS afterwards / before`, value: seen.after / seen.before, limit: 1.1 },
        {
          name: `${label}: p99 of a quiet pair, beside / alone`,
          value: ratio([beside.p99], [alone.p99]),
          limit: 3,
        },
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
      notes: findMimalloc() === undefined ? [NO_MIMALLOC] : [],
    };
  },
};
