/** Memory of an idle phone, of an idle server-id, and of a server-id whose binary has gone. */

import { wait } from '../load/loads.js';
import { Generator } from '../load/start-generator.js';
import { rssKib } from '../measure/cpu.js';
import { median } from '../measure/statistics.js';
import { whenQuiet } from '../measure/when-quiet.js';
import { builtPeers } from '../peers/built-peers.js';
import { startBareWs, startOurs } from '../peers/peers.js';
import { inRounds } from './side-by-side.js';

const KIB = 1_024;
const PHONES_EACH = 16;
const PHONE = 'ours, a phone';
const SERVER = 'ours, a server-id with its binary';
const GRACE = 'ours, a server-id in grace (heap)';

/**
 * @typedef {object} Kind
 * @property {string} name
 * @property {(options: { probe: boolean }) => Promise<import('../peers/peers.js').Peer>} start
 * @property {'/v1/server' | '/v1/client'} path
 */
/** @type {readonly Kind[]} */
const NODE_KINDS = [
  { name: PHONE, start: startOurs, path: '/v1/client' },
  { name: SERVER, start: startOurs, path: '/v1/server' },
  { name: 'bare ws, a connection', start: startBareWs, path: '/v1/client' },
];

/**
 * @param {import('../peers/built-peers.js').BuiltPeer} peer
 * @returns {Kind[]}
 */
const kindsOf = ({ name, start }) => [
  { name: `${name}, a phone`, start: async () => await start(), path: '/v1/client' },
  { name: `${name}, a server-id with its binary`, start: async () => await start(), path: '/v1/server' },
];

/**
 * Resident memory in KiB, once it is stable. Node has collected its garbage; Go does so when it likes.
 * @param {import('../peers/peers.js').Peer} peer
 * @param {number} settleMs before each collection
 */
const settledKib = async (peer, settleMs) => {
  for (let i = 0; i < 3; i++) {
    await wait(settleMs);
    await peer.ask('collect');
  }
  return rssKib(peer.pid);
};

/**
 * Memory in KiB that each of `count` connections adds.
 * @param {Generator} generator
 * @param {import('../peers/peers.js').Peer} peer
 * @param {{ path: '/v1/server' | '/v1/client', servers: number, prefix: string, count: number, settleMs: number }} request
 */
const kibEach = async (generator, peer, { count, settleMs, ...request }) => {
  const before = await settledKib(peer, settleMs);
  await generator.ask('open', { ...request, port: peer.port, pid: peer.pid, count });
  return ((await settledKib(peer, settleMs)) - before) / count;
};

/**
 * Heap in KiB that each server-id in grace takes. Sockets and requests are gone by then, and their buffers with them; RSS would
 * show what 8,000 open connections have taken before.
 * @param {Generator} generator
 * @param {{ count: number, settleMs: number }} options
 */
const graceKibEach = async (generator, { count, settleMs }) => {
  const peer = await startOurs({ probe: true, flags: ['--grace', '10m'] });
  const come = async (/** @type {string} */ prefix) => {
    const claims = { path: '/v1/server', count, servers: count, prefix };
    await generator.ask('open', { ...claims, port: peer.port, pid: peer.pid });
    await generator.ask('drop');
    // On a slow machine, thousands of ends take seconds.
    await whenQuiet(peer);
    await settledKib(peer, settleMs);
    return (await peer.ask('heap used')) / KIB;
  };
  try {
    // As many before, so that compiled code and the tables' growth are not charged to the measured ones.
    const before = await come('warm');
    return ((await come('made-up-server-id')) - before) / count;
  } finally {
    await peer.stop();
  }
};

/** @type {import('./figure.d.ts').Figure} */
export const memoryFigure = {
  id: 'memory',
  title: 'Resident memory of idle connections',
  run: async ({ quick, progress }) => {
    const count = quick ? 200 : 8_000;
    const rounds = quick ? 1 : 3;
    const settleMs = quick ? 30 : 300;
    const built = await builtPeers(quick);
    const others = built.peers.flatMap(kindsOf);
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
        return await kibEach(generator, peer, { path, servers, prefix: 'idle', count, settleMs });
      } finally {
        await generator.ask('drop');
        await peer.stop();
      }
    };
    try {
      const measureNext = async (/** @type {Kind} */ kind, /** @type {number} */ round) => {
        progress(`${kind.name}, round ${round + 1}`);
        return await measure(kind);
      };
      const measured = new Map([
        ...(await inRounds(NODE_KINDS, rounds, measureNext)),
        // Nothing is compared with them.
        ...(await inRounds(others, 1, measureNext)),
      ]);
      /** @type {number[]} */
      const inGrace = [];
      for (let round = 1; round <= rounds; round++) {
        progress(`${GRACE}, round ${round} of ${rounds}`);
        inGrace.push(await graceKibEach(generator, { count, settleMs }));
      }
      const each = (/** @type {string} */ name) => median(measured.get(name) ?? []);
      return {
        columns: ['what', 'of them', 'KiB each'],
        rows: [
          ...[...measured.keys()].map((name) => [name, count, each(name)]),
          [GRACE, count, median(inGrace)],
        ],
        targets: [
          { name: 'RSS per idle phone', value: each(PHONE), limit: 9, unit: 'KiB' },
          { name: 'RSS per idle server-id with its binary', value: each(SERVER), limit: 12, unit: 'KiB' },
          { name: 'heap per server-id in grace', value: median(inGrace), limit: 4, unit: 'KiB' },
        ],
        notes: built.notes,
      };
    } finally {
      generator.stop();
    }
  },
};
