/** Every process the benchmark starts ends with it, however it ends. */

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
 * Resolves at once when it has ended already.
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
