/** Ten thousand binaries that go at once, and whose grace periods then end together. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { wait } from '../load/loads.js';
import { Generator } from '../load/start-generator.js';
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
    const generator = new Generator();
    const peer = await startOurs({ probe: true, flags: ['--grace', `${GRACE_MS}ms`] });
    try {
      progress(`${count} claims`);
      const claims = { path: '/v1/server', count, servers: count, prefix: 'grace' };
      await generator.ask('open', { ...claims, port: peer.port, pid: peer.pid });
      progress('all go');
      await peer.ask('watch loop');
      await generator.ask('drop');
      const whenGone = await peer.ask('longest stall');
      await peer.ask('watch loop');
      await wait(GRACE_MS + (quick ? 0 : MARGIN_MS));
      const whenExpired = await peer.ask('longest stall');
      progress(`${count} grace periods that end in one moment`);
      const { stdout } = await promisify(execFile)(process.execPath, [script, String(count)], {
        env: { ...process.env, NODE_ENV: 'production' },
      });
      const inOneMoment = Number(stdout);
      return {
        columns: ['when', 'longest stall ms'],
        rows: [
          ['all binaries go', whenGone],
          ['their grace periods end', whenExpired],
          ['grace periods of as many charts end in one and the same moment', inOneMoment],
        ],
        targets: [
          {
            name: 'loop stall, 10,000 grace periods ending together',
            value: Math.max(whenExpired, inOneMoment),
            limit: 100,
            unit: 'ms',
          },
        ],
      };
    } finally {
      generator.stop();
      await peer.stop();
    }
  },
};
