/**
 * Who runs on which core: what is measured has the first to itself, the load generators the others. Without this the
 * scheduler moves both about, and a tail latency says more about it than about a relay.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cpus, setPriority } from 'node:os';

const MEASURED = '0';
const LOWEST_PRIORITY = 19;

// It fails also where this process may not run on that core at all.
const canPin = cpus().length > 1 && spawnSync('taskset', ['-c', MEASURED, 'true']).status === 0;

/** What figures taken without it must say. */
export const pinningNotes = canPin
  ? []
  : ['Nothing could be pinned to a core of its own (taskset): tail latencies mean little.'];

/**
 * A command that runs on the core of what is measured.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {[command: string, args: readonly string[]]}
 */
export const onMeasuredCore = (command, args) =>
  canPin ? ['taskset', ['-c', MEASURED, command, ...args]] : [command, args];

/**
 * Keeps a load generator off that core.
 * @param {number} pid
 */
export const keepOffMeasuredCore = (pid) => {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', `1-${cpus().length - 1}`, String(pid)]);
};

/**
 * Lets everybody else go first, with each of its threads.
 * @param {number} pid
 */
export const yieldToOthers = (pid) => {
  for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), LOWEST_PRIORITY);
};
