/** Sends frames at a fixed pace and measures each round trip. */
import { clientFrame, innerFrame } from './frames.js';
import { until, wait } from './loads.js';

/**
 * The phones send in rotation, each at its due time, even if answers are missing: a peer that falls behind is charged for
 * every waiting frame. The generator wakes every millisecond (timer resolution) and sends all due frames together; latency
 * counts from that moment. Busy-waiting would be exact, but would take one of two cores from the measured process.
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
