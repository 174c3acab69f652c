/** A reconnect storm: what follows a restart, when every client dials within a second. */
import { Generator } from '../load/start-generator.js';
import { startBareWs, startOurs } from '../peers/peers.js';

const OVER_MS = 1_000;

/** @type {import('./figure.d.ts').Figure} */
export const stormFigure = {
  id: 'storm',
  title: 'Reconnect storm: 5,000 phones dial within one second',
  run: async ({ quick, progress }) => {
    const count = quick ? 200 : 5_000;
    const servers = Math.ceil(count / 10);
    const generator = new Generator();
    /** @type {(string | number | null)[][]} */
    const rows = [];
    try {
      for (const start of [startOurs, startBareWs]) {
        const peer = await start({ probe: true });
        progress(peer.name);
        try {
          const keepers = { path: '/v1/server', count: servers, servers, prefix: 'storm' };
          await generator.ask('open', { ...keepers, port: peer.port, pid: peer.pid });
          await peer.ask('watch loop');
          const request = {
            port: peer.port,
            pid: peer.pid,
            count,
            overMs: OVER_MS,
            servers,
            prefix: 'storm',
          };
          const { ms, p50, p99, failed, cpuMs } = await generator.ask('storm', request);
          rows.push([peer.name, ms, p50, p99, failed, cpuMs, await peer.ask('longest stall')]);
        } finally {
          await generator.ask('drop');
          await peer.stop();
        }
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
