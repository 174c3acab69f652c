/** What TLS costs: in the relay, and in a proxy before its plain listener (the proxy and the relay together). */
import { wait } from '../load/loads.js';
import { Generator } from '../load/start-generator.js';
import { rssKib } from '../measure/cpu.js';
import { pinningNotes } from '../measure/pinning.js';
import { median } from '../measure/statistics.js';
import {
  isInstalled,
  makeCertificate,
  startBehindHaproxy,
  startBehindNginx,
  startPlain,
  startWithTls,
} from '../peers/tls-peers.js';
import { cpuPerFrameUs, inRounds } from './side-by-side.js';

const SERVERS = 20;
/** What a load generator on one core can dial with TLS. */
const PER_SECOND = 200;
const LOADS = [
  { frameBytes: 300, inFlight: 8 },
  { frameBytes: 60_000, inFlight: 1 },
];

/** @typedef {import('../peers/tls-peers.js').TlsPeer} TlsPeer */

/**
 * Resident memory of all its processes, once it is stable.
 * @param {TlsPeer} peer
 * @param {number} settleMs
 */
const settledKib = async ({ pids, collect }, settleMs) => {
  for (let i = 0; i < 3; i++) {
    await wait(settleMs);
    await collect();
  }
  return pids.reduce((sum, pid) => sum + rssKib(pid), 0);
};

/**
 * Memory in KiB that each of `count` idle phones adds to a fresh peer.
 * @param {Generator} generator
 * @param {() => Promise<TlsPeer>} start
 * @param {{ count: number, settleMs: number }} options
 */
const kibEach = async (generator, start, { count, settleMs }) => {
  const peer = await start();
  const { port, pids, isTls } = peer;
  const open = { port, pid: pids, servers: SERVERS, prefix: 'idle' };
  try {
    if (isTls) await generator.ask('speakTls', { port });
    await generator.ask('open', { ...open, path: '/v1/server', count: SERVERS });
    // Warm up: compiled code and the first buffers must not be charged to the measured connections.
    await generator.ask('open', { ...open, path: '/v1/client', count: 100 });
    const before = await settledKib(peer, settleMs);
    await generator.ask('open', { ...open, path: '/v1/client', count });
    return ((await settledKib(peer, settleMs)) - before) / count;
  } finally {
    await generator.ask('drop');
    await peer.stop();
  }
};

/** @type {import('./figure.d.ts').Figure} */
export const tlsFigure = {
  id: 'tls',
  title: 'TLS in the relay, and in a proxy before it',
  run: async ({ quick, progress }) => {
    const rounds = quick ? 1 : 3;
    const ms = quick ? 150 : 800;
    const count = quick ? 40 : 400;
    const idle = quick ? 80 : 4_000;
    const settleMs = quick ? 30 : 300;
    makeCertificate();
    const starts = [
      startPlain,
      startWithTls,
      ...(isInstalled('haproxy') ? [startBehindHaproxy] : []),
      ...(isInstalled('nginx') ? [startBehindNginx] : []),
    ];
    const generator = new Generator();
    /** @type {TlsPeer[]} */
    const peers = [];
    try {
      for (const start of starts) peers.push(await start());
      for (const { port, isTls } of peers) if (isTls) await generator.ask('speakTls', { port });
      for (const { name, port } of peers)
        await generator.ask('populate', { name, port, servers: SERVERS, phones: 4 });

      const accepting = async (/** @type {TlsPeer} */ { port, pids }) => {
        const dials = { count, overMs: (count * 1_000) / PER_SECOND, servers: SERVERS, prefix: 'bench' };
        const { cpuMs, failed } = await generator.ask('storm', { port, pid: pids, ...dials });
        await generator.ask('drop');
        if (failed > 0) throw new Error(`${failed} dials failed`);
        return (cpuMs * 1_000) / count;
      };
      await inRounds(peers, quick ? 0 : 2, accepting);
      const accepts = await inRounds(peers, rounds, async (peer, round) => {
        progress(`dials: ${peer.name}, round ${round + 1} of ${rounds}`);
        return await accepting(peer);
      });
      /** @type {Map<string, number[]>[]} */
      const frames = [];
      for (const load of LOADS) {
        frames.push(
          await inRounds(peers, rounds, async ({ name, pids }, round) => {
            progress(`${load.frameBytes} B: ${name}, round ${round + 1} of ${rounds}`);
            return cpuPerFrameUs(await generator.ask('echo', { name, pid: pids, ms, ...load }));
          }),
        );
      }
      /** @type {number[]} */
      const kib = [];
      for (const [i, start] of starts.entries()) {
        progress(`${idle} idle phones: ${peers[i]?.name}`);
        kib.push(await kibEach(generator, start, { count: idle, settleMs }));
      }
      const of = (/** @type {Map<string, number[]>} */ all, /** @type {string} */ name) =>
        median(all.get(name) ?? []);
      const missing = ['haproxy', 'nginx'].filter((command) => !isInstalled(command));
      return {
        columns: [
          'relay',
          'CPU µs/connection',
          'CPU µs/frame, 300 B',
          'CPU µs/frame, 60 KB',
          'KiB/idle phone',
        ],
        rows: peers.map(({ name }, i) => [
          name,
          of(accepts, name),
          ...frames.map((all) => of(all, name)),
          kib[i] ?? null,
        ]),
        targets: [],
        notes: [
          ...missing.map((command) => `${command} is not installed here: it is left out.`),
          ...pinningNotes,
        ],
      };
    } finally {
      generator.stop();
      await Promise.all(peers.map(async (peer) => await peer.stop()));
    }
  },
};
