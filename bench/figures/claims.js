/** Cost of one more claim when many server actors are alive. Each measurement runs in a fresh process. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { median } from '../measure/statistics.js';

const script = new URL('../measure/claim-cost.js', import.meta.url).pathname;

/** @type {import('./figure.d.ts').Figure} */
export const claimsFigure = {
  id: 'claims',
  title: 'Claim cost by number of server actors',
  run: async ({ quick, progress }) => {
    const rounds = quick ? 1 : 7;
    const sizes = quick ? [100, 1_000] : [1_000, 10_000, 100_000];
    const costs = sizes.map(() => /** @type {number[]} */ ([]));
    for (let round = 0; round < rounds; round++) {
      for (const [i, size] of sizes.entries()) {
        progress(`${size} server actors, round ${round + 1} of ${rounds}`);
        const { stdout } = await promisify(execFile)(
          process.execPath,
          ['--expose-gc', script, String(size)],
          {
            env: { ...process.env, NODE_ENV: 'production' },
          },
        );
        costs[i]?.push(Number(stdout));
      }
    }
    const medians = costs.map(median);
    return {
      columns: ['server actors', 'µs a claim'],
      rows: sizes.map((size, i) => [size, medians[i] ?? null]),
      targets: [
        {
          name: 'claim cost at 100,000 server actors / at 1,000',
          value: (medians.at(-1) ?? Number.NaN) / (medians[0] ?? Number.NaN),
          limit: 1.2,
        },
      ],
    };
  },
};
