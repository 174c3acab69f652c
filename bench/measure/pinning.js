/**
 * Pins processes to cores: the measured process gets the first core, the load generators the others. Otherwise the scheduler
 * migrates both, and tail latencies reflect the scheduler more than the relay.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cpus, setPriority } from 'node:os';

const MEASURED = '0';
const LOWEST_PRIORITY = 19;

// Also fails if this process may not run on that core.
const canPin = cpus().length > 1 && spawnSync('taskset', ['-c', MEASURED, 'true']).status === 0;

/** Notes for figures that were measured without pinning. */
export const pinningNotes = canPin
  ? []
  : ['Nothing could be pinned to a core of its own (taskset): tail latencies mean little.'];

/**
 * Wraps a command so that it runs on the measured core.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {[command: string, args: readonly string[]]}
 */
export const onMeasuredCore = (command, args) =>
  canPin ? ['taskset', ['-c', MEASURED, command, ...args]] : [command, args];

/**
 * Keeps a load generator off the measured core.
 * @param {number} pid
 */
export const keepOffMeasuredCore = (pid) => {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', `1-${cpus().length - 1}`, String(pid)]);
};

/**
 * Gives all threads of a process the lowest priority.
 * @param {number} pid
 */
export const yieldToOthers = (pid) => {
  for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), LOWEST_PRIORITY);
};
