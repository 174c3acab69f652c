/**
 * Few frames in flight: CPU per forwarded frame when a turn brings few of them. The clients are npm `ws` clients, and nothing is
 * pinned, as in a run without this bench.
 */
import { Generator } from '../load/start-generator.js';
import { median, ratio } from '../measure/statistics.js';
import { cpuPerFrameUs, framesPerSecond, inRounds, startSideBySide } from './side-by-side.js';

const SERVERS = 20;
const PHONES = 4;
const FRAME_BYTES = 300;
const DEPTHS = [4, 1];
const LIMITS = { naive: 0.55, HAProxy: 1.8 };

/** @type {import('./figure.d.ts').Figure} */
export const fewInFlightFigure = {
  id: 'few',
  title: `Few frames of ${FRAME_BYTES} B in flight: ${SERVERS} server-ids with ${PHONES} phones each, clients on ws, nothing pinned`,
  run: async ({ quick, progress }) => {
    const rounds = quick ? 1 : 5;
    const ms = quick ? 150 : 1_000;
    const { generator, peers, notes, stop } = await startSideBySide(
      { servers: SERVERS, phones: PHONES },
      {
        quick,
        pipe: true,
        isPinned: false,
        generator: new Generator({ isPinned: false, script: './ws-generator.js' }),
      },
    );
    /** @type {(string | number | null)[][]} */
    const rows = [];
    /** @type {import('./figure.d.ts').Target[]} */
    const targets = [];
    try {
      for (const inFlight of DEPTHS) {
        const windows = await inRounds(peers, rounds, async ({ name, pid }, round) => {
          progress(`${inFlight} in flight: ${name}, round ${round + 1} of ${rounds}`);
          return await generator.ask('echo', { name, pid, frameBytes: FRAME_BYTES, inFlight, ms });
        });
        const costs = (/** @type {string} */ name) => (windows.get(name) ?? []).map(cpuPerFrameUs);
        for (const [name, all] of windows) {
          const versus = name === 'ours' ? 1 : ratio(costs('ours'), costs(name));
          rows.push([inFlight, name, median(costs(name)), versus, median(all.map(framesPerSecond))]);
        }
        for (const [name, limit] of Object.entries(LIMITS)) {
          if (!windows.has(name)) continue;
          const figure = `CPU per frame, ${inFlight} in flight per phone, ours / ${name}`;
          targets.push({ name: figure, value: ratio(costs('ours'), costs(name)), limit });
        }
      }
    } finally {
      await stop();
    }
    return {
      columns: ['in flight', 'relay', 'CPU µs/frame', 'ours / it', 'frames/s'],
      rows,
      targets,
      notes,
    };
  },
};
