/** One binary sends to sixteen phones; one phone uploads a file. */
import { median, ratio } from '../measure/statistics.js';
import { cpuPerFrameUs, framesPerSecond, inRounds, startSideBySide } from './side-by-side.js';

const PHONES = 16;
/** The largest upload of a mobile client (specification of the clients, section 4). */
const UPLOAD = { frameBytes: 87_416, chunks: 178 };
const WARM_UP_UPLOADS = 10;

/**
 * @param {string} label
 * @param {Map<string, import('../load/loads.js').Window[]>} windows
 */
const rowsOf = (label, windows) => {
  const ours = (windows.get('ours') ?? []).map(cpuPerFrameUs);
  return [...windows].map(([name, all]) => {
    const cost = all.map(cpuPerFrameUs);
    const vs = name === 'ours' ? 1 : ratio(ours, cost);
    return [label, name, median(cost), vs, median(all.map(framesPerSecond))];
  });
};

/** @type {import('./figure.d.ts').Figure} */
export const burstsFigure = {
  id: 'bursts',
  title: `Fan-out to ${PHONES} phones, and an upload of ${UPLOAD.chunks} x 87 KB`,
  run: async ({ quick, progress }) => {
    const rounds = quick ? 1 : 5;
    const ms = quick ? 150 : 800;
    const { generator, peers, notes, stop } = await startSideBySide(
      { servers: 1, phones: PHONES },
      { quick },
    );
    try {
      const canFanOut = peers.filter(({ name }) => name !== 'HAProxy');
      const fans = await inRounds(canFanOut, rounds, async ({ name, pid }, round) => {
        progress(`fan-out: ${name}, round ${round + 1} of ${rounds}`);
        return await generator.ask('fanOut', { name, pid, frameBytes: 1_400, roundsInFlight: 8, ms });
      });
      // An upload takes about 50 ms, so without a warm-up the JIT would dominate.
      const warmUp = quick ? 0 : WARM_UP_UPLOADS;
      const uploads = await inRounds(peers, warmUp + rounds, async ({ name, pid }, round) => {
        progress(`upload: ${name}, round ${round + 1} of ${warmUp + rounds}`);
        return await generator.ask('upload', { name, pid, ...UPLOAD });
      });
      for (const [name, windows] of uploads) uploads.set(name, windows.slice(warmUp));
      return {
        columns: ['load', 'relay', 'CPU µs/frame', 'ours / it', 'frames/s'],
        rows: [...rowsOf('fan-out, 1.4 KB', fans), ...rowsOf('upload', uploads)],
        targets: [],
        notes,
      };
    } finally {
      await stop();
    }
  },
};
