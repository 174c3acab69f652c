/** Runs a scenario in processes of its own, and adds up what they counted. */
import { fork } from 'node:child_process';
import { keep } from '../bench/measure/children.js';
import { Histogram } from './histogram.js';
import { noCounts, sumOf } from './stream.js';

const path = new URL('./worker.js', import.meta.url).pathname;

class Worker {
  counts = noCounts();
  ready;
  /** @type {Promise<{ counts: import('./stream.js').Counts, buckets: number[], notes: string[] }>} */
  result;
  #process = keep(fork(path, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));

  /** @param {() => void} onProgress */
  constructor(onProgress) {
    this.ready = this.#told('ready');
    this.result = this.#told('result');
    this.#process.on('message', (/** @type {any} */ { counts }) => {
      if (counts !== undefined) this.counts = counts;
      onProgress();
    });
  }

  /** @param {object} message */
  send(message) {
    this.#process.send(message);
  }

  /** @param {string} key of the message that is waited for @returns {Promise<any>} its value */
  #told(key) {
    return new Promise((resolve, reject) => {
      this.#process.on('message', (/** @type {any} */ message) => {
        if (message[key] !== undefined) resolve(message[key]);
      });
      this.#process.once('exit', () => reject(new Error('a process of the load client ended')));
    });
  }
}

/**
 * @param {Omit<import('./worker.js').Task, 'first' | 'count'> & { serverIds: number, processes: number }} options
 * @param {{ onGo: () => void, onProgress: (counts: import('./stream.js').Counts) => void }} listeners `onGo`: all are connected
 */
export const runLoad = async ({ serverIds, processes, ...task }, { onGo, onProgress }) => {
  const share = Math.ceil(serverIds / processes);
  const firsts = Array.from({ length: Math.ceil(serverIds / share) }, (_, i) => i * share);
  /** @type {Worker[]} */
  const workers = firsts.map(() => new Worker(() => onProgress(sumOf(workers.map(({ counts }) => counts)))));
  for (const [i, first] of firsts.entries()) {
    workers[i]?.send({ task: { ...task, first, count: Math.min(share, serverIds - first) } });
  }
  await Promise.all(workers.map(async ({ ready }) => await ready));
  onGo();
  for (const worker of workers) worker.send({ go: true });
  const results = await Promise.all(workers.map(async ({ result }) => await result));
  const latency = new Histogram();
  for (const { buckets } of results) latency.add(buckets);
  return {
    counts: sumOf(results.map(({ counts }) => counts)),
    latency,
    notes: results.flatMap(({ notes }) => notes),
  };
};
