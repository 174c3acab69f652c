/** A realistic mix of streams, reconnects and uploads. */
import { SPEED_UP } from '../load/mix.js';
import { median, ratio } from '../measure/statistics.js';
import { SOURCES } from '../peers/built-peers.js';
import { cpuPerFrameUs, framesPerSecond, inRounds, startSideBySide } from './side-by-side.js';

const SERVERS = 200;
const PHONES = 2;
/** A frame of the mix is seen so seldom that V8 compiles for half a minute. A relay runs for weeks. */
const WARM_UP_ROUNDS = 5;

/** @typedef {import('../peers/start-peer.js').Peer} Peer */

/** @type {import('./figure.d.ts').Figure} */
export const mixFigure = {
  id: 'mix',
  title: `The realistic mix, ${SPEED_UP} times as fast: ${SERVERS} server-ids with ${PHONES} phones each`,
  run: async ({ quick, progress }) => {
    const rounds = quick ? 1 : 3;
    const ms = quick ? 300 : 5_000;
    const size = { servers: SERVERS, phones: PHONES };
    const { generator, peers, notes, stop } = await startSideBySide(size, { quick, haproxy: false });
    try {
      const mix = async (/** @type {Peer} */ { name, pid, port }) =>
        await generator.ask('mix', { name, pid, port, prefix: 'bench', ms });
      const compiling = peers.filter(({ name }) => SOURCES.every((source) => source.name !== name));
      await inRounds(compiling, quick ? 0 : WARM_UP_ROUNDS, async (peer, round) => {
        progress(`${peer.name}, warming up, round ${round + 1} of ${WARM_UP_ROUNDS}`);
        await mix(peer);
      });
      const measured = await inRounds(peers, rounds, async (peer, round) => {
        progress(`${peer.name}, round ${round + 1} of ${rounds}`);
        return await mix(peer);
      });
      const ours = (measured.get('ours') ?? []).map(cpuPerFrameUs);
      return {
        columns: ['relay', 'CPU µs/frame', 'ours / it', 'frames/s', 'tick p50 ms', 'tick p99 ms'],
        rows: [...measured].map(([name, all]) => [
          name,
          median(all.map(cpuPerFrameUs)),
          name === 'ours' ? 1 : ratio(ours, all.map(cpuPerFrameUs)),
          median(all.map(framesPerSecond)),
          median(all.map(({ p50 }) => p50)),
          median(all.map(({ p99 }) => p99)),
        ]),
        targets: [
          {
            name: 'CPU per frame of the mix, ours / naive + bufferutil',
            value: ratio(ours, (measured.get('naive + bufferutil') ?? []).map(cpuPerFrameUs)),
            limit: 0.75,
          },
        ],
        notes: [
          ...notes,
          'Tick: from the moment all streaming binaries send their deltas to the arrival of each; the sending takes part of it.',
        ],
      };
    } finally {
      await stop();
    }
  },
};
