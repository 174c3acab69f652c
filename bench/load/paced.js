/** Frames at a set pace, and how long each takes there and back. */
import { clientFrame, innerFrame } from './frames.js';
import { until, wait } from './loads.js';

/**
 * Each phone sends in turn at its due time, whether the answers come or not: a peer that falls behind is charged for
 * all who wait. The generator looks at the clock every millisecond, as timers allow, and sends
 * what has come due together; latency counts from then. To spin instead would take one of two cores from what is measured.
 * @param {import('./population.js').Population} population
 * @param {{ frameBytes: number, echoesPerSecond: number, ms: number }} options
 * @returns {Promise<{ latenciesMs: number[] }>}
 */
export const paced = async (population, { frameBytes, echoesPerSecond, ms }) => {
  const frame = clientFrame(innerFrame(frameBytes));
  population.answerWith(frameBytes);
  const { phones } = population;
  /** @type {number[]} */
  const latenciesMs = [];
  const sentAt = phones.map(() => /** @type {number[]} */ ([]));
  let underWay = 0;
  for (const [i, phone] of phones.entries()) {
    phone.onMessage(() => {
      latenciesMs.push(performance.now() - (sentAt[i]?.shift() ?? Number.NaN));
      underWay--;
    });
  }
  const intervalMs = 1_000 / echoesPerSecond;
  const startMs = performance.now();
  let sent = 0;
  for (let nowMs = startMs; nowMs - startMs < ms; nowMs = performance.now()) {
    for (; startMs + sent * intervalMs <= nowMs; sent++) {
      const i = sent % phones.length;
      sentAt[i]?.push(performance.now());
      phones[i]?.send(frame);
      underWay++;
    }
    await wait(1);
  }
  await until(() => underWay === 0);
  return { latenciesMs };
};
