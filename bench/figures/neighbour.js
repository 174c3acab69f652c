/** A quiet server-id while another is flooded. */
import { Generator } from '../load/start-generator.js';
import { median, ratio } from '../measure/statistics.js';
import { startNaive, startOurs } from '../peers/peers.js';

const QUIET_BYTES = 300;
const FLOOD_BYTES = 4_096;
const ECHOES_PER_SECOND = 200;

/** @type {import('./figure.d.ts').Figure} */
export const neighbourFigure = {
  id: 'neighbour',
  title: `Noisy neighbour: ${ECHOES_PER_SECOND} echoes a second on a quiet server-id while four phones flood another`,
  run: async ({ quick, progress }) => {
    const rounds = quick ? 1 : 5;
    const ms = quick ? 200 : 3_000;
    /** @type {(string | number | null)[][]} */
    const rows = [];
    /** @type {import('./figure.d.ts').Target[]} */
    const targets = [];
    for (const start of [startOurs, startNaive]) {
      const peer = await start();
      const [quiet, noisy] = [new Generator(), new Generator({ isPatient: true })];
      try {
        const { name, port, pid } = peer;
        await quiet.ask('populate', { name, port, servers: 1, phones: 1, prefix: 'quiet' });
        await noisy.ask('populate', { name, port, servers: 1, phones: 4, prefix: 'noisy' });
        const listen = async () =>
          await quiet.ask('paced', {
            name,
            pid,
            frameBytes: QUIET_BYTES,
            echoesPerSecond: ECHOES_PER_SECOND,
            ms,
          });
        const alone = [];
        const flooded = [];
        const floods = [];
        for (let round = 0; round < rounds; round++) {
          progress(`${name}, round ${round + 1} of ${rounds}`);
          alone.push(await listen());
          const [heard, { frames }] = await Promise.all([
            listen(),
            noisy.ask('flood', { name, frameBytes: FLOOD_BYTES, ms: ms + 200 }),
          ]);
          flooded.push(heard);
          floods.push(frames);
        }
        const p99 = (/** @type {{ p99: number }[]} */ all) => all.map((latency) => latency.p99);
        const grown = ratio(p99(flooded), p99(alone));
        rows.push([
          name,
          median(p99(alone)),
          median(p99(flooded)),
          grown,
          (median(floods) * 1_000) / (ms + 200),
        ]);
        if (name === 'ours')
          targets.push({ name: 'p99 of a quiet server-id, flooded / alone', value: grown, limit: 2 });
      } finally {
        quiet.stop();
        noisy.stop();
        await peer.stop();
      }
    }
    return {
      columns: ['relay', 'p99 alone ms', 'p99 flooded ms', 'flooded / alone', 'flood frames/s'],
      rows,
      targets,
    };
  },
};
