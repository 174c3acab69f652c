/** Cost of accepting a connection, alone and in large numbers. */
import { Generator } from '../load/start-generator.js';
import { median, ratio } from '../measure/statistics.js';
import { startBareWs, startOurs } from '../peers/peers.js';
import { inRounds } from './side-by-side.js';

const PHONES_EACH = 16;
const PER_SECOND = 1_600;

/** @type {import('./figure.d.ts').Figure} */
export const acceptFigure = {
  id: 'accept',
  title: `CPU per accepted connection, ${PER_SECOND.toLocaleString('en')} a second`,
  run: async ({ quick, progress }) => {
    const rounds = quick ? 1 : 9;
    const count = quick ? 100 : 1_600;
    const servers = Math.ceil(count / PHONES_EACH);
    const generator = new Generator();
    // No cap: phones of the previous round that are still leaving must not cause refusals in this one.
    const peers = [await startOurs({ flags: ['--max-phones', '0'] }), await startBareWs()];
    try {
      const keepers = { servers, phones: 0, prefix: 'accept' };
      const [ours] = peers;
      await generator.ask('populate', { name: 'ours', port: ours?.port, ...keepers });
      // Same pace for both peers. Dialled at full speed, a faster peer finds its dialler awake every time and looks cheaper.
      const open = async (/** @type {import('../peers/peers.js').Peer} */ { port, pid }) => {
        const overMs = (count * 1_000) / PER_SECOND;
        const { cpuMs, p99 } = await generator.ask('storm', {
          port,
          pid,
          count,
          overMs,
          servers,
          prefix: 'accept',
        });
        await generator.ask('drop');
        return { cpuUs: (cpuMs * 1_000) / count, p99 };
      };
      // Warm up the JIT: the first connections of a fresh daemon are not what this measures.
      await inRounds(peers, quick ? 0 : 3, open);
      const measured = await inRounds(peers, rounds, async (peer, round) => {
        progress(`${peer.name}, round ${round + 1} of ${rounds}`);
        return await open(peer);
      });
      const costs = (/** @type {string} */ name) => (measured.get(name) ?? []).map(({ cpuUs }) => cpuUs);
      return {
        columns: ['relay', 'CPU µs/connection', 'ours / it', 'dial p99 ms'],
        rows: [...measured].map(([name, all]) => [
          name,
          median(costs(name)),
          name === 'ours' ? 1 : ratio(costs('ours'), costs(name)),
          median(all.map(({ p99 }) => p99)),
        ]),
        targets: [
          {
            name: 'CPU per accepted connection, ours / bare ws',
            value: ratio(costs('ours'), costs('bare ws')),
            limit: 2,
          },
        ],
      };
    } finally {
      generator.stop();
      await Promise.all(peers.map(async (peer) => await peer.stop()));
    }
  },
};
