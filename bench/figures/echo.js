/** Frames in both directions at full speed: CPU per forwarded frame and frames per second. */
import { median, ratio } from '../measure/statistics.js';
import { cpuPerFrameUs, framesPerSecond, inRounds, startSideBySide } from './side-by-side.js';

const SERVERS = 20;
const PHONES = 4;
/** `inFlight` is per phone. It keeps the bytes in flight about equal for all sizes; one load has four times as many. */
const LOADS = [
  { label: '300 B', frameBytes: 300, inFlight: 8, limits: { naive: 0.45, HAProxy: 2, Rust: 1.5 } },
  { label: '300 B, deep', frameBytes: 300, inFlight: 32, limits: {} },
  { label: '4 KB', frameBytes: 4_096, inFlight: 4, limits: { naive: 0.4 } },
  { label: '60 KB', frameBytes: 60_000, inFlight: 1, limits: { naive: 0.35, HAProxy: 1.6, Rust: 1.5 } },
  { label: '87 KB', frameBytes: 87_416, inFlight: 1, limits: {} },
];

/** @type {import('./figure.d.ts').Figure} */
export const echoFigure = {
  id: 'echo',
  title: `Frames both ways: ${SERVERS} server-ids with ${PHONES} phones each`,
  run: async ({ quick, progress }) => {
    const rounds = quick ? 1 : 5;
    const ms = quick ? 150 : 800;
    const { generator, peers, notes, stop } = await startSideBySide(
      { servers: SERVERS, phones: PHONES },
      { quick, charted: true, pipe: true },
    );
    /** @type {(string | number | null)[][]} */
    const rows = [];
    /** @type {import('./figure.d.ts').Target[]} */
    const targets = [];
    /** @type {Map<string, number[]>} */
    const medians = new Map(peers.map(({ name }) => [name, []]));
    try {
      for (const { label, frameBytes, inFlight, limits } of LOADS) {
        const windows = await inRounds(peers, rounds, async ({ name, pid }, round) => {
          progress(`${label}: ${name}, round ${round + 1} of ${rounds}`);
          return await generator.ask('echo', { name, pid, frameBytes, inFlight, ms });
        });
        const costs = new Map([...windows].map(([name, all]) => [name, all.map(cpuPerFrameUs)]));
        const ours = costs.get('ours') ?? [];
        for (const [name, all] of windows) {
          const cost = costs.get(name) ?? [];
          medians.get(name)?.push(median(cost));
          rows.push([
            label,
            name,
            median(cost),
            name === 'ours' ? 1 : ratio(ours, cost),
            median(all.map(framesPerSecond)),
          ]);
        }
        for (const [name, limit] of Object.entries(limits)) {
          const theirs = costs.get(name);
          if (theirs === undefined) continue;
          const figure = `CPU per frame at ${label}, ours / ${name}`;
          targets.push({ name: figure, value: ratio(ours, theirs), limit });
        }
      }
    } finally {
      await stop();
    }
    return {
      columns: ['frame', 'relay', 'CPU µs/frame', 'ours / it', 'frames/s'],
      rows,
      targets,
      notes,
      plots: [
        {
          file: 'cpu-per-frame.svg',
          title: 'Relay CPU per forwarded frame',
          unit: 'µs',
          labels: LOADS.map(({ label }) => label),
          series: [...medians].map(([name, values]) => ({ name, values })),
        },
      ],
    };
  },
};
