/**
 * Pins processes to cores: the measured process gets the first core, the load generators the others. Otherwise the scheduler
 * migrates both, and tail latencies reflect the scheduler more than the relay.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cpus, setPriority } from 'node:os';

const MEASURED = '0';
const LOWEST_PRIORITY = 19;
const HIGHEST_PRIORITY = -20;

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

const OTHERS = `1-${cpus().length - 1}`;

/** @param {number} pid */
const threadsOf = (pid) => readdirSync(`/proc/${pid}/task`).map(Number);

/**
 * Keeps a load generator off the measured core.
 * @param {number} pid
 */
export const keepOffMeasuredCore = (pid) => {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', OTHERS, String(pid)]);
};

/**
 * Takes that back.
 * @param {number} pid
 */
export const allowAllCores = (pid) => {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', `0-${cpus().length - 1}`, String(pid)]);
};

/**
 * Leaves the measured core to the main thread of a relay. Otherwise that waits, in the middle of a turn, while the relay's own
 * helper threads have the core, as it never would on a machine with a second one.
 * @param {number} pid
 */
export const keepHelpersOffMeasuredCore = (pid) => {
  if (!canPin) return;
  for (const thread of threadsOf(pid))
    if (thread !== pid) spawnSync('taskset', ['-c', '-p', OTHERS, String(thread)]);
};

/**
 * Gives all threads of a process the lowest priority.
 * @param {number} pid
 */
export const yieldToOthers = (pid) => {
  for (const thread of threadsOf(pid)) setPriority(thread, LOWEST_PRIORITY);
};

/**
 * Gives all threads of a process the highest priority, so that a process that measures does not wait for the others on its core.
 * @param {number} pid
 * @returns whether this process may do that; usually only root may
 */
export const goBeforeOthers = (pid) => {
  try {
    setPriority(pid, HIGHEST_PRIORITY);
  } catch {
    return false;
  }
  for (const thread of threadsOf(pid)) {
    try {
      setPriority(thread, HIGHEST_PRIORITY);
    } catch {
      // It has ended meanwhile.
    }
  }
  return true;
};
