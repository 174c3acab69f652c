/** Reconnect storm: after a restart, every client dials within a second. */
import { Generator } from '../load/start-generator.js';
import { median } from '../measure/statistics.js';
import { builtPeers } from '../peers/built-peers.js';
import { startBareWs, startOurs } from '../peers/peers.js';
import { inRounds } from './side-by-side.js';

const OVER_MS = 1_000;
const MAX_IN_MS = 1_300;

/**
 * @typedef {object} Kind
 * @property {string} name
 * @property {() => Promise<import('../peers/peers.js').Peer>} start
 */

/** @type {import('./figure.d.ts').Figure} */
export const stormFigure = {
  id: 'storm',
  title: 'Reconnect storm: 5,000 phones dial within one second',
  run: async ({ quick, progress }) => {
    const count = quick ? 200 : 5_000;
    const servers = Math.ceil(count / 10);
    const rounds = quick ? 1 : 3;
    const built = await builtPeers(quick);
    /** @type {Kind[]} */
    const kinds = [
      { name: 'ours', start: async () => await startOurs({ probe: true }) },
      { name: 'bare ws', start: async () => await startBareWs({ probe: true }) },
      ...built.peers.map(({ name, start }) => ({ name, start: async () => await start() })),
    ];
    const generator = new Generator();
    const stormOnce = async (/** @type {Kind} */ { start }) => {
      const peer = await start();
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
    /** @type {import('./figure.d.ts').Target[]} */
    const targets = [];
    try {
      const measured = await inRounds(kinds, rounds, async (kind, round) => {
        progress(`${kind.name}, round ${round + 1} of ${rounds}`);
        return await stormOnce(kind);
      });
      for (const [name, all] of measured) {
        const middle = (/** @type {string} */ figure) => median(all.map((storm) => storm[figure]));
        // The worst round, because a median would hide a failed one.
        const failed = Math.max(...all.map((storm) => storm.failed));
        const dial = [middle('p50'), middle('p99')];
        // Only a Node process can be asked for it.
        const stall = all.some(({ stallMs }) => stallMs === undefined) ? null : middle('stallMs');
        rows.push([name, middle('ms'), ...dial, failed, middle('cpuMs'), stall]);
        if (name === 'ours')
          targets.push({
            name: 'storm of 5,000 dials in one second, all in after',
            value: middle('ms'),
            limit: MAX_IN_MS,
            unit: 'ms',
          });
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
      targets,
      notes: built.notes,
    };
  },
};
