/**
 * A binary that floods wakes: latency of a quiet server-id, alone and beside it. Push is on, with a fake of FCM on loopback. The
 * pace is more than a relay's daemons ask for in all; as fast as it can is what a hostile one does.
 */
import { startFakeFcm } from '../../scripts/demo/fake-fcm.js';
import { Generator } from '../load/start-generator.js';
import { pinningNotes } from '../measure/pinning.js';
import { median, ratio } from '../measure/statistics.js';
import { startOurs } from '../peers/peers.js';
import { inRounds } from './side-by-side.js';

const QUIET = { frameBytes: 300, echoesPerSecond: 200 };
const ALONE = 'no wakes';
/** @type {readonly { name: string, perSecond: number | null }[]} */
const FLOODS = [
  { name: '2,000 wakes a second', perSecond: 2_000 },
  { name: 'as fast as it can', perSecond: null },
];
const LIMIT = 1.2;

/** @type {import('./figure.d.ts').Figure} */
export const wakesFigure = {
  id: 'wakes',
  title: `Wakes: ${QUIET.echoesPerSecond} echoes a second on a quiet server-id while one binary floods push_wake`,
  run: async ({ quick, progress }) => {
    const rounds = quick ? 1 : 5;
    const warmUp = quick ? 0 : 1;
    const ms = quick ? 200 : 3_000;
    const fcm = await startFakeFcm();
    const peer = await startOurs({
      flags: ['--fcm-endpoint', fcm.url],
      env: { PYRYCODE_RELAY_FCM_CREDENTIALS: fcm.credentials },
    });
    const [quiet, waking] = [new Generator(), new Generator({ isPatient: true })];
    const { name, port, pid } = peer;
    try {
      await quiet.ask('populate', { name, port, servers: 1, phones: 1, prefix: 'quiet' });
      const heard = await inRounds(
        [{ name: ALONE, perSecond: undefined }, ...FLOODS],
        rounds + warmUp,
        async ({ name: when, perSecond }, round) => {
          progress(`${when}, round ${round + 1} of ${rounds + warmUp}`);
          const [{ p50, p99 }, { sent }] = await Promise.all([
            quiet.ask('paced', { name, pid, ...QUIET, ms }),
            perSecond === undefined ? { sent: 0 } : waking.ask('wakes', { port, perSecond, ms: ms + 100 }),
          ]);
          return { p50, p99, sent };
        },
      );
      // Drop the warm-up rounds, in which the JIT still compiles what a wake passes.
      const all = (/** @type {string} */ when, /** @type {'p50' | 'p99' | 'sent'} */ what) =>
        (heard.get(when) ?? []).slice(warmUp).map((round) => round[what]);
      const slower = (/** @type {string} */ when) => ratio(all(when, 'p99'), all(ALONE, 'p99'));
      return {
        columns: ['flood', 'p50 ms', 'p99 ms', 'p99 / alone', 'wakes/s'],
        rows: [...heard.keys()].map((when) => [
          when,
          median(all(when, 'p50')),
          median(all(when, 'p99')),
          slower(when),
          (median(all(when, 'sent')) * 1_000) / (ms + 100),
        ]),
        targets: FLOODS.map((flood) => ({
          name: `p99 of a quiet server-id, ${flood.name} / alone`,
          value: slower(flood.name),
          limit: LIMIT,
        })),
        notes: [
          `The fake took ${fcm.woken.length} wakes in all; the others were over a limit.`,
          ...pinningNotes,
        ],
      };
    } finally {
      quiet.stop();
      waking.stop();
      await peer.stop();
      await fcm.stop();
    }
  },
};
