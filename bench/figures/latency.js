/** Round-trip latency at a pace that costs the naive relay half a core. All peers get the same traffic. */
import { median, ratio } from '../measure/statistics.js';
import { inRounds, startSideBySide } from './side-by-side.js';

const SERVERS = 20;
const PHONES = 4;
const LOAD = 0.5;
const ROUND_MS = 1_500;
/** With fewer echoes, the p99 would rest on a handful of them. */
const ROUND_ECHOES = 1_500;
/** Trial paces. Their cost on the naive relay determines the pace to measure at. */
const LOADS = [
  { label: '300 B', frameBytes: 300, trialPerSecond: 8_000, limit: 0.8 },
  { label: '4 KB', frameBytes: 4_096, trialPerSecond: 4_000, limit: 0.7 },
  { label: '60 KB', frameBytes: 60_000, trialPerSecond: 400, limit: 0.7 },
];

/** @type {import('./figure.d.ts').Figure} */
export const latencyFigure = {
  id: 'latency',
  title: `Latency there and back, at the pace that takes ${LOAD * 100} % of a core of the naive relay`,
  run: async ({ quick, progress }) => {
    const rounds = quick ? 1 : 5;
    const { generator, peers, notes, stop } = await startSideBySide(
      { servers: SERVERS, phones: PHONES },
      { quick },
    );
    /** @type {(string | number | null)[][]} */
    const rows = [];
    /** @type {import('./figure.d.ts').Target[]} */
    const targets = [];
    /** @type {string[]} */
    const paces = [];
    /** @type {Map<string, number[]>} */
    const medians = new Map(peers.map(({ name }) => [name, []]));
    try {
      for (const { label, frameBytes, trialPerSecond, limit } of LOADS) {
        const pace = async (
          /** @type {import('../peers/peers.js').Peer} */ { name, pid },
          /** @type {number} */ echoesPerSecond,
        ) => {
          const ms = quick ? 150 : Math.max(ROUND_MS, (1_000 * ROUND_ECHOES) / echoesPerSecond);
          return await generator.ask('paced', { name, pid, frameBytes, echoesPerSecond, ms });
        };
        progress(`${label}: the pace`);
        // Two trials: the first also warms up all peers.
        await inRounds(peers, 1, async (peer) => await pace(peer, trialPerSecond));
        const naive = peers.find(({ name }) => name === 'naive');
        if (naive === undefined) throw new TypeError('nothing to compare with');
        const { cpuShare } = await pace(naive, trialPerSecond);
        const echoesPerSecond = (trialPerSecond * LOAD) / cpuShare;
        paces.push(`${Math.round(2 * echoesPerSecond).toLocaleString('en')} frames/s of ${label}`);
        const latencies = await inRounds(peers, rounds, async (peer, round) => {
          progress(`${label}: ${peer.name}, round ${round + 1} of ${rounds}`);
          return await pace(peer, echoesPerSecond);
        });
        /** @param {string} name @param {'p50' | 'p99' | 'p999' | 'cpuShare'} q */
        const all = (name, q) => (latencies.get(name) ?? []).map((latency) => latency[q]);
        for (const { name } of peers) {
          medians.get(name)?.push(median(all(name, 'p99')));
          rows.push([
            label,
            name,
            median(all(name, 'p50')),
            median(all(name, 'p99')),
            median(all(name, 'p999')),
            name === 'ours' ? 1 : ratio(all('ours', 'p99'), all(name, 'p99')),
            100 * median(all(name, 'cpuShare')),
          ]);
        }
        targets.push({
          name: `p99 latency at ${LOAD * 100} % load, ${label}, ours / naive`,
          value: ratio(all('ours', 'p99'), all('naive', 'p99')),
          limit,
        });
      }
    } finally {
      await stop();
    }
    return {
      columns: ['frame', 'relay', 'p50 ms', 'p99 ms', 'p99.9 ms', 'p99, ours / it', 'CPU %'],
      rows,
      targets,
      notes: [...notes, `Offered to each: ${paces.join(', ')}.`],
      plots: [
        {
          file: 'latency.svg',
          title: 'p99 latency there and back, the same traffic for all',
          unit: 'ms',
          labels: LOADS.map(({ label }) => label),
          series: [...medians].map(([name, values]) => ({ name, values })),
        },
      ],
    };
  },
};
