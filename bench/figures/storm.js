/** Reconnect storm: after a restart, every client dials within a second. */
import { Generator } from '../load/start-generator.js';
import { median } from '../measure/statistics.js';
import { startBareWs, startOurs } from '../peers/peers.js';
import { inRounds } from './side-by-side.js';

const OVER_MS = 1_000;
const KINDS = [
  { name: 'ours', start: startOurs },
  { name: 'bare ws', start: startBareWs },
];

/** @type {import('./figure.d.ts').Figure} */
export const stormFigure = {
  id: 'storm',
  title: 'Reconnect storm: 5,000 phones dial within one second',
  run: async ({ quick, progress }) => {
    const count = quick ? 200 : 5_000;
    const servers = Math.ceil(count / 10);
    const rounds = quick ? 1 : 3;
    const generator = new Generator();
    const stormOnce = async (/** @type {(typeof KINDS)[number]} */ { start }) => {
      const peer = await start({ probe: true });
      try {
        const target = { port: peer.port, pid: peer.pid, servers, prefix: 'storm' };
        await generator.ask('open', { ...target, path: '/v1/server', count: servers });
        await peer.ask('watch loop');
        const stormed = await generator.ask('storm', { ...target, count, overMs: OVER_MS });
        return { ...stormed, stallMs: await peer.ask('longest stall') };
      } finally {
        await generator.ask('drop');
        await peer.stop();
      }
    };
    /** @type {(string | number | null)[][]} */
    const rows = [];
    try {
      const measured = await inRounds(KINDS, rounds, async (kind, round) => {
        progress(`${kind.name}, round ${round + 1} of ${rounds}`);
        return await stormOnce(kind);
      });
      for (const [name, all] of measured) {
        const middle = (/** @type {string} */ figure) => median(all.map((storm) => storm[figure]));
        // The worst round, because a median would hide a failed one.
        const failed = Math.max(...all.map((storm) => storm.failed));
        const dial = [middle('p50'), middle('p99')];
        rows.push([name, middle('ms'), ...dial, failed, middle('cpuMs'), middle('stallMs')]);
      }
    } finally {
      generator.stop();
    }
    return {
      columns: [
        'relay',
        'all in after ms',
        'dial p50 ms',
        'dial p99 ms',
        'failed',
        'CPU ms',
        'longest stall ms',
      ],
      rows,
      targets: [],
    };
  },
};
