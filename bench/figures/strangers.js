/**
 * What strangers can make us spend: latency of a quiet pair while somebody sends what is cheap to send and was dear to take.
 * The strangers have the addresses of the quiet pair, as behind a proxy. A closed stranger dials again after 100 ms.
 */
import { wait } from '../load/loads.js';
import { Generator } from '../load/start-generator.js';
import { STRANGER_LOADS } from '../load/stranger-loads.js';
import { readBytes, rssKib } from '../measure/cpu.js';
import { pinningNotes } from '../measure/pinning.js';
import { median } from '../measure/statistics.js';
import { startOurs } from '../peers/peers.js';
import { inRounds } from './side-by-side.js';

const QUIET = { name: 'quiet', servers: 1, phones: 1, prefix: 'quiet' };
const PACE = { frameBytes: 300, echoesPerSecond: 200 };
/** Short enough for claimants to get their outcome, and to claim again, within a round. */
const FLAGS = ['--probe-timeout', '1s'];
const MAX_RATIO = 5;
const MAX_LOGGED_PER_BYTE = 0.5;

/** @type {import('./figure.d.ts').Figure} */
export const strangersFigure = {
  id: 'strangers',
  title: `What strangers can make us spend: ${PACE.echoesPerSecond} echoes a second of a quiet pair beside each load`,
  run: async ({ quick, progress }) => {
    const rounds = quick ? 1 : 3;
    const ms = quick ? 100 : 2_000;
    const settleMs = quick ? 30 : 500;
    const peer = await startOurs({ flags: FLAGS });
    const [quiet, strangers] = [new Generator(), new Generator({ isPatient: true })];
    const { port, pid } = peer;
    const spent = () => ({ read: readBytes(pid), logged: peer.loggedBytes(), ms: performance.now() });
    /** Round trips, and the bytes that the relay has read and logged since `before`. */
    const listen = async (before = spent()) => {
      const { p50, p99 } = await quiet.ask('paced', { name: QUIET.name, pid, ...PACE, ms });
      const now = spent();
      return {
        p50,
        p99,
        read: now.read - before.read,
        logged: now.logged - before.logged,
        ms: now.ms - before.ms,
      };
    };
    /** What the quiet pair itself has read and logged, measured before the first stranger comes. */
    let pair = { read: 0, logged: 0, ms: 1 };
    const besideLoad = async (/** @type {string} */ load) => {
      const alone = await listen();
      const rssBefore = rssKib(pid);
      const before = spent();
      await strangers.ask('besiege', { port, load });
      // What the first read of each socket costs is not what a flood costs. It counts for the log all the same.
      await wait(settleMs);
      const beside = await listen(before);
      const grownKib = rssKib(pid) - rssBefore;
      const { dials } = await strangers.ask('relent');
      await wait(settleMs);
      const perMs = (/** @type {'read' | 'logged'} */ what) =>
        beside[what] / beside.ms - pair[what] / pair.ms;
      return {
        alone,
        p50: beside.p50,
        p99: beside.p99,
        readKibPerSecond: (perMs('read') * 1_000) / 1_024,
        loggedPerByte: perMs('logged') / perMs('read'),
        dialsPerSecond: (dials * 1_000) / beside.ms,
        grownMib: grownKib / 1_024,
      };
    };
    try {
      await quiet.ask('populate', { ...QUIET, port });
      // Let the JIT compile what a frame passes.
      for (let i = 0; i < (quick ? 1 : 3); i++) pair = await listen();
      const measured = await inRounds(STRANGER_LOADS, rounds, async ({ name }, round) => {
        progress(`${name}, round ${round + 1} of ${rounds}`);
        return await besideLoad(name);
      });
      // Of all rounds: one window has 400 echoes, and on a shared machine its p99 is mostly the machine's.
      const aloneMs = median([...measured.values()].flat().map(({ alone }) => alone.p99));
      const aloneP50Ms = median([...measured.values()].flat().map(({ alone }) => alone.p50));
      const results = [...measured].map(([name, all]) => {
        const each = (/** @type {Exclude<keyof (typeof all)[number], 'alone'>} */ what) =>
          all.map((round) => round[what]);
        return { name, each, slower: median(each('p99')) / aloneMs, logged: median(each('loggedPerByte')) };
      });
      return {
        columns: [
          'load',
          'p50 ms',
          'p99 ms',
          'p99 / alone',
          'KiB/s read',
          'logged B / B read',
          'dials/s',
          'RSS + MiB',
        ],
        rows: [
          ['none', aloneP50Ms, aloneMs, 1, null, null, null, null],
          ...results.map(({ name, each, slower, logged }) => [
            name,
            median(each('p50')),
            median(each('p99')),
            slower,
            median(each('readKibPerSecond')),
            logged,
            median(each('dialsPerSecond')),
            Math.max(...each('grownMib')),
          ]),
        ],
        targets: [
          ...results.map(({ name, slower }) => ({
            name: `p99 of a quiet pair, ${name} / alone`,
            value: slower,
            limit: MAX_RATIO,
          })),
          {
            name: 'log bytes for each byte that a stranger sends, worst load',
            value: Math.max(...results.map(({ logged }) => logged)),
            limit: MAX_LOGGED_PER_BYTE,
          },
        ],
        notes: pinningNotes,
      };
    } finally {
      quiet.stop();
      strangers.stop();
      await peer.stop();
    }
  },
};
