/** Cost of inspection: off, enabled without watchers, and with a page open on an idle server-id. */
import { once } from 'node:events';
import { get } from 'node:http';
import { Generator } from '../load/start-generator.js';
import { median, ratio } from '../measure/statistics.js';
import { startOurs } from '../peers/peers.js';
import { cpuPerFrameUs, framesPerSecond } from './side-by-side.js';

const INSPECTED = { flags: ['--inspect-listen', '127.0.0.1:0'], awaits: 'starting inspect listener' };

/** @param {import('../peers/peers.js').Peer} peer */
const openPage = async (peer) => {
  const request = get(`http://${peer.listens.get('starting inspect listener')}/events?server=idle-0`);
  request.on('error', () => {});
  const [response] = await once(request, 'response');
  response.resume();
  response.on('error', () => {});
  return () => request.destroy();
};

/** @type {import('./figure.d.ts').Figure} */
export const inspectionFigure = {
  id: 'inspection',
  title: 'The cost of inspection: 4 phones of one server-id, 300 B, full speed',
  run: async ({ quick, progress }) => {
    const rounds = quick ? 1 : 5;
    const ms = quick ? 150 : 1_000;
    const generator = new Generator();
    const off = await startOurs();
    const on = await startOurs(INSPECTED);
    const cases = ['off', 'on, nobody watches', 'on, a page is open'];
    /** @type {import('../load/loads.js').Window[][]} */
    const windows = cases.map(() => []);
    try {
      for (const [name, peer] of /** @type {const} */ ([
        ['off', off],
        ['on', on],
      ])) {
        await generator.ask('populate', { name, port: peer.port, servers: 1, phones: 4 });
        const idle = { path: '/v1/server', count: 1, servers: 1, prefix: 'idle', pid: peer.pid };
        await generator.ask('open', { ...idle, port: peer.port });
      }
      const measure = async (/** @type {string} */ name, /** @type {number} */ pid) =>
        await generator.ask('echo', { name, pid, frameBytes: 300, inFlight: 20, ms });
      for (let round = 0; round < rounds; round++) {
        progress(`round ${round + 1} of ${rounds}`);
        windows[0]?.push(await measure('off', off.pid));
        windows[1]?.push(await measure('on', on.pid));
        const closePage = await openPage(on);
        windows[2]?.push(await measure('on', on.pid));
        closePage();
      }
    } finally {
      generator.stop();
      await Promise.all([off.stop(), on.stop()]);
    }
    const costs = windows.map((all) => all.map(cpuPerFrameUs));
    return {
      columns: ['inspection', 'CPU µs/frame', 'it / off', 'frames/s'],
      rows: cases.map((name, i) => [
        name,
        median(costs[i] ?? []),
        ratio(costs[i] ?? [], costs[0] ?? []),
        median((windows[i] ?? []).map(framesPerSecond)),
      ]),
      targets: [],
    };
  },
};
