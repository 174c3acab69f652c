/** A process of the load client: bears a share of the server-ids. */
import { Histogram } from './histogram.js';
import { Random } from './random.js';
import { connectAll, scenarios } from './scenarios.js';
import { ServerId } from './server-id.js';
import { noCounts } from './stream.js';

const PROGRESS_MS = 500;
const MAX_NOTES = 20;

/**
 * @typedef {object} Task
 * @property {string} scenario
 * @property {import('./connection.js').Target} target
 * @property {string} run
 * @property {number} first index of the first server-id
 * @property {number} count of server-ids
 * @property {number} phones
 * @property {number} atOnce dials
 * @property {number} patienceMs
 * @property {number} seconds
 * @property {number} seed
 */

const counts = noCounts();
const latency = new Histogram();
/** @type {string[]} */
const notes = [];
const say = (/** @type {object} */ message) => void process.send?.(message);

/** @param {Task} task */
const prepare = ({ target, run, patienceMs, first, count, phones, atOnce, seed }) => {
  const world = {
    target,
    run,
    counts,
    latency,
    patienceMs,
    note: (/** @type {string} */ problem) => {
      if (notes.length < MAX_NOTES) notes.push(problem);
    },
  };
  const serverIds = Array.from({ length: count }, (_, i) => new ServerId(world, first + i));
  return { world, serverIds, phones, atOnce, random: new Random(seed + first) };
};

/** @type {{ task: Task, load: import('./scenarios.js').Load } | undefined} */
let prepared;
/** @param {{ task?: Task, go?: boolean }} message */
const perform = async ({ task, go }) => {
  if (task !== undefined) {
    prepared = { task, load: prepare(task) };
    if (scenarios[task.scenario]?.connects) await connectAll(prepared.load);
    say({ ready: true });
  }
  if (go && prepared !== undefined) {
    const { scenario, seconds } = prepared.task;
    await scenarios[scenario]?.run(prepared.load, performance.now() + seconds * 1_000);
    say({ result: { counts, buckets: latency.buckets, notes } });
    process.disconnect();
  }
};
process.on('message', (/** @type {{ task?: Task, go?: boolean }} */ message) => void perform(message));
// Without the one that started it, it has nothing to do.
process.once('disconnect', () => process.exit(0));
setInterval(() => say({ counts }), PROGRESS_MS).unref();
