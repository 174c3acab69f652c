/** 10,000 binaries disconnect at once, and their grace periods end together. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { wait } from '../load/loads.js';
import { Generator } from '../load/start-generator.js';
import { median } from '../measure/statistics.js';
import { startOurs } from '../peers/peers.js';

const script = new URL('../measure/grace-stall.js', import.meta.url).pathname;
const GRACE_MS = 3_000;
const MARGIN_MS = 2_000;

/** @type {import('./figure.d.ts').Figure} */
export const graceFigure = {
  id: 'grace',
  title: 'Event-loop stall when 10,000 grace periods end together',
  run: async ({ quick, progress }) => {
    const count = quick ? 200 : 10_000;
    const rounds = quick ? 1 : 3;
    const generator = new Generator();
    const endTogether = async (/** @type {string} */ round) => {
      const peer = await startOurs({ probe: true, flags: ['--grace', `${GRACE_MS}ms`] });
      try {
        progress(`${count} claims, ${round}`);
        const claims = { path: '/v1/server', count, servers: count, prefix: 'grace' };
        await generator.ask('open', { ...claims, port: peer.port, pid: peer.pid });
        progress(`all go, ${round}`);
        await peer.ask('watch loop');
        await generator.ask('drop');
        const whenGone = await peer.ask('longest stall');
        await peer.ask('watch loop');
        await wait(GRACE_MS + (quick ? 0 : MARGIN_MS));
        const whenExpired = await peer.ask('longest stall');
        progress(`${count} grace periods that end in one moment, ${round}`);
        const { stdout } = await promisify(execFile)(process.execPath, [script, String(count)], {
          env: { ...process.env, NODE_ENV: 'production' },
        });
        return { whenGone, whenExpired, inOneMoment: Number(stdout) };
      } finally {
        await peer.stop();
      }
    };
    try {
      /** @type {Awaited<ReturnType<typeof endTogether>>[]} */
      const stalls = [];
      for (let round = 1; round <= rounds; round++)
        stalls.push(await endTogether(`round ${round} of ${rounds}`));
      const stall = (/** @type {'whenGone' | 'whenExpired' | 'inOneMoment'} */ when) =>
        median(stalls.map((measured) => measured[when]));
      return {
        columns: ['when', 'longest stall ms'],
        rows: [
          ['all binaries go', stall('whenGone')],
          ['their grace periods end', stall('whenExpired')],
          ['grace periods of as many charts end in one and the same moment', stall('inOneMoment')],
        ],
        targets: [
          {
            name: 'loop stall, 10,000 binaries gone at once',
            value: stall('whenGone'),
            limit: 100,
            unit: 'ms',
          },
          {
            name: 'loop stall, 10,000 grace periods ending together',
            value: Math.max(stall('whenExpired'), stall('inOneMoment')),
            limit: 100,
            unit: 'ms',
          },
        ],
      };
    } finally {
      generator.stop();
    }
  },
};
