/** Memory of an idle phone and of an idle server-id. */

import { wait } from '../load/loads.js';
import { Generator } from '../load/start-generator.js';
import { rssKib } from '../measure/cpu.js';
import { median } from '../measure/statistics.js';
import { startBareWs, startOurs } from '../peers/peers.js';
import { inRounds } from './side-by-side.js';

const PHONES_EACH = 16;
const PHONE = 'ours, a phone';

/**
 * @typedef {object} Kind
 * @property {string} name
 * @property {(options: { probe: boolean }) => Promise<import('../peers/peers.js').Peer>} start
 * @property {'/v1/server' | '/v1/client'} path
 */
/** @type {readonly Kind[]} */
const KINDS = [
  { name: PHONE, start: startOurs, path: '/v1/client' },
  { name: 'ours, a server-id with its binary', start: startOurs, path: '/v1/server' },
  { name: 'bare ws, a connection', start: startBareWs, path: '/v1/client' },
];

/**
 * Resident memory in KiB after garbage collection, once it is stable.
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
 * Memory in KiB that each of `count` connections adds.
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
    const rounds = quick ? 1 : 3;
    const generator = new Generator();
    const measure = async (/** @type {Kind} */ { start, path }) => {
      const peer = await start({ probe: true });
      const servers = path === '/v1/server' ? count : Math.ceil(count / PHONES_EACH);
      const open = { port: peer.port, pid: peer.pid, servers, prefix: 'idle' };
      try {
        // Warm up: compiled code and its feedback must not be charged to the measured connections.
        await generator.ask('open', { ...open, path: '/v1/server', count: 50, servers: 50, prefix: 'warm' });
        if (path === '/v1/client') {
          await generator.ask('open', { ...open, path, count: 50, servers: 50, prefix: 'warm' });
          await generator.ask('open', { ...open, path: '/v1/server', count: servers });
        }
        return await kibEach(generator, peer, { path, servers, prefix: 'idle', count });
      } finally {
        await generator.ask('drop');
        await peer.stop();
      }
    };
    try {
      const measured = await inRounds(KINDS, rounds, async (kind, round) => {
        progress(`${kind.name}, round ${round + 1} of ${rounds}`);
        return await measure(kind);
      });
      const each = (/** @type {string} */ name) => median(measured.get(name) ?? []);
      return {
        columns: ['what', 'of them', 'KiB each'],
        rows: KINDS.map(({ name }) => [name, count, each(name)]),
        targets: [{ name: 'RSS per idle phone', value: each(PHONE), limit: 14, unit: 'KiB' }],
      };
    } finally {
      generator.stop();
    }
  },
};
