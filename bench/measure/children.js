/** Kills all child processes when the benchmark ends, for whatever reason. */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/**
 * @template {import('node:child_process').ChildProcess} C
 * @param {C} child
 */
export const keep = (child) => {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
};

/**
 * Kills a child and waits for its end. Resolves at once if it has already ended.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<void>}
 */
export const kill = (child) =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else {
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    }
  });

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
