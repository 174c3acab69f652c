/**
 * Noisy neighbour: latency of a quiet server-id while another one is flooded. The flood also loads the machine, because the
 * load generators share a core. As a control, the same flood therefore also goes to a second relay of the same kind, which
 * runs on the measured core at the lowest priority. The latency in that case is caused mostly by the machine (the two
 * relays still share time slices and caches).
 */
import { Generator } from '../load/start-generator.js';
import { yieldToOthers } from '../measure/pinning.js';
import { median, ratio } from '../measure/statistics.js';
import { builtPeers } from '../peers/built-peers.js';
import { startNaive, startOurs } from '../peers/peers.js';
import { inRounds } from './side-by-side.js';

const QUIET_BYTES = 300;
const FLOOD_BYTES = 4_096;
const ECHOES_PER_SECOND = 200;
const OTHER = 'another';
const ALONE = 'nobody';
const BESIDE = 'another relay';
const FLOODED = 'another server-id';

/** @typedef {{ p50: number, p99: number, floodFrames: number }} Heard */

/** @type {import('./figure.d.ts').Figure} */
export const neighbourFigure = {
  id: 'neighbour',
  title: `Noisy neighbour: ${ECHOES_PER_SECOND} echoes a second on a quiet server-id while four phones flood another`,
  run: async ({ quick, progress }) => {
    const warmUp = quick ? 0 : 1;
    const ms = quick ? 200 : 3_000;
    const floodMs = ms + 200;
    /** @type {(string | number | null)[][]} */
    const rows = [];
    /** @type {import('./figure.d.ts').Target[]} */
    const targets = [];
    const built = await builtPeers(quick);
    for (const start of [startOurs, startNaive, ...built.peers.map((peer) => peer.start)]) {
      // The others show what is usual, and have no target.
      const rounds = quick || start !== startOurs ? 1 : 5;
      const [peer, other] = [await start(), await start()];
      yieldToOthers(other.pid);
      const [quiet, noisy] = [new Generator(), new Generator({ isPatient: true })];
      try {
        const { name, port, pid } = peer;
        const flooders = { servers: 1, phones: 4, prefix: 'noisy' };
        await quiet.ask('populate', { name, port, servers: 1, phones: 1, prefix: 'quiet' });
        await noisy.ask('populate', { name, port, ...flooders });
        await noisy.ask('populate', { name: OTHER, port: other.port, ...flooders });
        /**
         * @param {string | undefined} flooded
         * @returns {Promise<Heard>}
         */
        const listen = async (flooded) => {
          const pace = { frameBytes: QUIET_BYTES, echoesPerSecond: ECHOES_PER_SECOND, ms };
          const [{ p50, p99 }, { frames }] = await Promise.all([
            quiet.ask('paced', { name, pid, ...pace }),
            flooded === undefined
              ? { frames: 0 }
              : noisy.ask('flood', { name: flooded, frameBytes: FLOOD_BYTES, ms: floodMs }),
          ]);
          return { p50, p99, floodFrames: frames };
        };
        const heard = await inRounds(
          [
            { name: ALONE, flooded: undefined },
            { name: BESIDE, flooded: OTHER },
            { name: FLOODED, flooded: name },
          ],
          rounds + warmUp,
          async ({ name: when, flooded }, round) => {
            progress(`${name}, ${when}, round ${round + 1} of ${rounds + warmUp}`);
            return await listen(flooded);
          },
        );
        // Drop the warm-up rounds, in which the JIT still compiles the relay and the flood.
        const all = (/** @type {string} */ when) => (heard.get(when) ?? []).slice(warmUp);
        const p99 = (/** @type {string} */ when) => all(when).map((round) => round.p99);
        const alone = p99(ALONE);
        for (const when of [ALONE, BESIDE, FLOODED]) {
          rows.push([
            name,
            when,
            median(all(when).map(({ p50 }) => p50)),
            median(p99(when)),
            ratio(p99(when), alone),
            (median(all(when).map(({ floodFrames }) => floodFrames)) * 1_000) / floodMs,
          ]);
        }
        if (name === 'ours')
          targets.push({
            name: 'p99 of a quiet server-id, flooded / alone',
            value: ratio(p99(FLOODED), alone),
            limit: 1.7,
          });
      } finally {
        quiet.stop();
        noisy.stop();
        await Promise.all([peer.stop(), other.stop()]);
      }
    }
    return {
      columns: ['relay', 'flooded', 'p50 ms', 'p99 ms', 'p99 / alone', 'flood frames/s'],
      rows,
      targets,
      notes: built.notes,
    };
  },
};
