/**
 * Cost of a connection: of its accept by a warm process, of the first accepts after a start, and of its end. Accepts and ends are
 * measured apart, each over many connections.
 */
import { Generator } from '../load/start-generator.js';
import { cpuMs } from '../measure/cpu.js';
import { median, ratio } from '../measure/statistics.js';
import { whenQuiet } from '../measure/when-quiet.js';
import { builtPeers } from '../peers/built-peers.js';
import { startBareWs, startOurs } from '../peers/peers.js';
import { inRounds } from './side-by-side.js';

const PHONES_EACH = 16;
const PER_SECOND = 1_600;
/** No cap: phones of the previous round that are still leaving must not cause refusals in this one. */
const OURS = { flags: ['--max-phones', '0'] };
const NO_CAP = 1_000_000;

/** @typedef {import('../peers/peers.js').Peer} Peer */

/**
 * CPU in microseconds of each of `count` accepts and of each of their ends. Same pace for all peers: dialled at full speed, a
 * faster peer finds its dialler awake every time and looks cheaper.
 * @param {Generator} generator
 * @param {Peer} peer
 * @param {{ count: number, servers: number }} size
 */
const comeAndGo = async (generator, peer, { count, servers }) => {
  const { port, pid } = peer;
  const overMs = (count * 1_000) / PER_SECOND;
  const storm = { port, pid, count, overMs, servers, prefix: 'accept' };
  const { cpuMs: accepting, p99, failed } = await generator.ask('storm', storm);
  if (failed > 0) throw new Error(`${failed} dials of ${peer.name} failed`);
  await whenQuiet(peer);
  const before = cpuMs(pid);
  await generator.ask('drop');
  await whenQuiet(peer);
  return { acceptUs: (accepting * 1_000) / count, endUs: ((cpuMs(pid) - before) * 1_000) / count, p99 };
};

/**
 * CPU in microseconds of each of the first `count` connections after a start, binaries and phones.
 * @param {Generator} generator
 * @param {() => Promise<Peer>} start
 * @param {number} count
 */
const coldUs = async (generator, start, count) => {
  const peer = await start();
  const { port, pid } = peer;
  const servers = Math.ceil(count / (PHONES_EACH + 1));
  const before = cpuMs(pid);
  try {
    const cold = { port, pid, servers, prefix: 'cold' };
    await generator.ask('open', { ...cold, path: '/v1/server', count: servers });
    const phones = count - servers;
    await generator.ask('storm', { ...cold, count: phones, overMs: (phones * 1_000) / PER_SECOND });
    return ((cpuMs(pid) - before) * 1_000) / count;
  } finally {
    await generator.ask('drop');
    await peer.stop();
  }
};

/** @type {import('./figure.d.ts').Figure} */
export const acceptFigure = {
  id: 'accept',
  title: `CPU per connection that comes and goes, ${PER_SECOND.toLocaleString('en')} a second; cold: the first 2,000 after the start`,
  run: async ({ quick, progress }) => {
    const rounds = quick ? 1 : 5;
    const coldRounds = quick ? 1 : 3;
    const count = quick ? 100 : 1_600;
    const coldCount = quick ? 100 : 2_000;
    const size = { count, servers: Math.ceil(count / PHONES_EACH) };
    const generator = new Generator();
    const built = await builtPeers(quick);
    const kinds = [
      { name: 'ours', start: async () => await startOurs(OURS) },
      { name: 'bare ws', start: async () => await startBareWs() },
      ...built.peers.map(({ name, start }) => ({
        name,
        start: async () => await start({ maxPhones: NO_CAP }),
      })),
    ];
    /** @type {Peer[]} */
    const peers = [];
    try {
      const cold = await inRounds(kinds, coldRounds, async ({ name, start }, round) => {
        progress(`cold: ${name}, round ${round + 1} of ${coldRounds}`);
        return await coldUs(generator, start, coldCount);
      });
      for (const { start } of kinds) peers.push(await start());
      for (const { name, port } of peers)
        await generator.ask('populate', { name, port, servers: size.servers, phones: 0, prefix: 'accept' });
      // Warm up the JIT: the cold connections have been measured.
      await inRounds(peers, quick ? 0 : 3, async (peer) => await comeAndGo(generator, peer, size));
      const warm = await inRounds(peers, rounds, async (peer, round) => {
        progress(`${peer.name}, round ${round + 1} of ${rounds}`);
        return await comeAndGo(generator, peer, size);
      });
      const all = (/** @type {string} */ name, /** @type {'acceptUs' | 'endUs' | 'p99'} */ what) =>
        (warm.get(name) ?? []).map((round) => round[what]);
      const versus = (/** @type {string} */ name, /** @type {'acceptUs' | 'endUs'} */ what) =>
        name === 'ours' ? 1 : ratio(all('ours', what), all(name, what));
      const coldVersusWarm = (/** @type {string} */ name) =>
        median(cold.get(name) ?? []) / median(all(name, 'acceptUs'));
      const isHere = peers.some(({ name }) => name === 'Go');
      const versusGo = (/** @type {string} */ name, /** @type {'acceptUs' | 'endUs'} */ what, limit = 1) =>
        isHere ? [{ name: `${name}, ours / Go`, value: versus('Go', what), limit }] : [];
      const accepted = 'CPU per accepted connection';
      return {
        columns: [
          'relay',
          'accept µs',
          'ours / it',
          'cold µs',
          'cold / warm',
          'end µs',
          'ours / it',
          'dial p99 ms',
        ],
        rows: peers.map(({ name }) => [
          name,
          median(all(name, 'acceptUs')),
          versus(name, 'acceptUs'),
          median(cold.get(name) ?? []),
          coldVersusWarm(name),
          median(all(name, 'endUs')),
          versus(name, 'endUs'),
          median(all(name, 'p99')),
        ]),
        targets: [
          { name: `${accepted}, ours / bare ws`, value: versus('bare ws', 'acceptUs'), limit: 1.5 },
          ...versusGo(accepted, 'acceptUs', 1.3),
          { name: `${accepted}, ours, cold / warm`, value: coldVersusWarm('ours'), limit: 1.5 },
          ...versusGo('CPU per ended connection', 'endUs', 1.5),
        ],
        notes: built.notes,
      };
    } finally {
      generator.stop();
      await Promise.all(peers.map(async (peer) => await peer.stop()));
    }
  },
};
