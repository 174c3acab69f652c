/** Hands inputs to a parser until the time is over. */
import { setImmediate as turn } from 'node:timers/promises';
import { makeInput } from './mutate.js';

const BATCH = 2_000;
/** CPU time of a batch. So much is no parser, but an input that costs more than its length. */
const MAX_BATCH_CPU_MS = 10_000;

/**
 * @param {import('./parsers.js').Parser} parser
 * @param {import('../load/random.js').Random} random
 * @param {number} untilMs
 * @param {(input: Buffer, problem: string) => void} report
 * @param {(inputs: number) => void} [onProgress]
 * @returns {Promise<number>} inputs, at least one batch
 */
export const tryParser = async ({ samples, check }, random, untilMs, report, onProgress = () => {}) => {
  const good = samples.map((text) => Buffer.from(text, 'latin1'));
  let inputs = 0;
  do {
    const before = process.cpuUsage().user;
    for (let i = 0; i < BATCH; i++) {
      const input = makeInput(good, random);
      try {
        check(input);
      } catch (error) {
        report(input, error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      }
    }
    inputs += BATCH;
    if ((process.cpuUsage().user - before) / 1_000 > MAX_BATCH_CPU_MS)
      report(Buffer.alloc(0), `${BATCH} inputs up to number ${inputs} took more than ${MAX_BATCH_CPU_MS} ms`);
    onProgress(inputs);
    await turn();
  } while (performance.now() < untilMs);
  return inputs;
};
