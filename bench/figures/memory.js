/** What an idle phone and an idle server-id take of memory. */

import { wait } from '../load/loads.js';
import { Generator } from '../load/start-generator.js';
import { rssKib } from '../measure/cpu.js';
import { startBareWs, startOurs } from '../peers/peers.js';

const PHONES_EACH = 16;

/**
 * Resident memory once garbage is collected and nothing moves.
 * @param {import('../peers/peers.js').Peer} peer
 */
const settledKib = async (peer) => {
  for (let i = 0; i < 3; i++) {
    await wait(300);
    await peer.ask('collect');
  }
  return rssKib(peer.pid);
};

/**
 * KiB each of `count` connections adds, after as many have come and gone once: the heap has then grown to its size.
 * @param {Generator} generator
 * @param {import('../peers/peers.js').Peer} peer
 * @param {{ path: '/v1/server' | '/v1/client', servers: number, prefix: string, count: number }} request
 */
const kibEach = async (generator, peer, { count, ...request }) => {
  const before = await settledKib(peer);
  await generator.ask('open', { ...request, port: peer.port, pid: peer.pid, count });
  return ((await settledKib(peer)) - before) / count;
};

/** @type {import('./figure.d.ts').Figure} */
export const memoryFigure = {
  id: 'memory',
  title: 'Resident memory of idle connections',
  run: async ({ quick, progress }) => {
    const count = quick ? 200 : 8_000;
    const generator = new Generator();
    /** @type {(string | number | null)[][]} */
    const rows = [];
    const measure = async (
      /** @type {string} */ what,
      /** @type {() => Promise<import('../peers/peers.js').Peer>} */ start,
      /** @type {'/v1/server' | '/v1/client'} */ path,
    ) => {
      progress(what);
      const peer = await start();
      const servers = path === '/v1/server' ? count : Math.ceil(count / PHONES_EACH);
      const open = { port: peer.port, pid: peer.pid, servers, prefix: 'idle' };
      try {
        // Compiled code and its feedback belong to the first connections ever, not to the 8,000.
        await generator.ask('open', { ...open, path: '/v1/server', count: 50, servers: 50, prefix: 'warm' });
        if (path === '/v1/client') {
          await generator.ask('open', { ...open, path, count: 50, servers: 50, prefix: 'warm' });
          await generator.ask('open', { ...open, path: '/v1/server', count: servers });
        }
        const each = await kibEach(generator, peer, { path, servers, prefix: 'idle', count });
        rows.push([what, count, each]);
        return each;
      } finally {
        await generator.ask('drop');
        await peer.stop();
      }
    };
    try {
      const phone = await measure('ours, a phone', () => startOurs({ probe: true }), '/v1/client');
      await measure('ours, a server-id with its binary', () => startOurs({ probe: true }), '/v1/server');
      await measure('bare ws, a connection', () => startBareWs({ probe: true }), '/v1/client');
      return {
        columns: ['what', 'of them', 'KiB each'],
        rows,
        targets: [{ name: 'RSS per idle phone', value: phone, limit: 14, unit: 'KiB' }],
      };
    } finally {
      generator.stop();
    }
  },
};
