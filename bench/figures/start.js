/** Time from the start of the process to the log line that it is listening. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { median, ratio } from '../measure/statistics.js';
import { startOurs } from '../peers/peers.js';

/** @param {() => Promise<unknown>} act */
const timeMs = async (act) => {
  const startMs = performance.now();
  await act();
  return performance.now() - startMs;
};

/** @type {import('./figure.d.ts').Figure} */
export const startFigure = {
  id: 'start',
  title: 'From start to listening',
  run: async ({ quick, progress }) => {
    const rounds = quick ? 2 : 25;
    /** @type {number[]} */
    const ours = [];
    /** @type {number[]} */
    const nothing = [];
    for (let round = 0; round < rounds; round++) {
      progress(`round ${round + 1} of ${rounds}`);
      /** @type {import('../peers/peers.js').Peer | undefined} */
      let peer;
      ours.push(
        await timeMs(async () => {
          // As in production: on all cores, without `taskset`.
          peer = await startOurs({ isPinned: false });
        }),
      );
      await peer?.stop();
      nothing.push(
        await timeMs(
          async () => await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit'),
        ),
      );
    }
    return {
      columns: ['what', 'ms'],
      rows: [
        ['ours, listening', median(ours)],
        ['node -e 0', median(nothing)],
      ],
      targets: [
        { name: 'start to listening', value: median(ours), limit: 250, unit: 'ms' },
        { name: 'start to listening / node -e 0', value: ratio(ours, nothing), limit: 2 },
      ],
    };
  },
};
