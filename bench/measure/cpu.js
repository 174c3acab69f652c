/** CPU time, memory and input of a process, as Linux reports them. */
import { readdirSync, readFileSync } from 'node:fs';

const NS_PER_MS = 1e6;

/** @param {string} path of a thread in `/proc`; one that has ended meanwhile counts nothing */
const taskNs = (path) => {
  try {
    return Number(readFileSync(`${path}/schedstat`, 'utf8').split(' ')[0]);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return 0;
    throw error;
  }
};

/**
 * CPU time in milliseconds, summed over all threads. Read from `schedstat`, which counts nanoseconds: `/proc/<pid>/stat`
 * counts ticks of 10 ms, too coarse for a window of one second.
 * @param {number | readonly number[]} pids of one process, or of several that are summed up
 */
export const cpuMs = (pids) => {
  let ns = 0;
  for (const pid of [pids].flat()) {
    for (const task of readdirSync(`/proc/${pid}/task`)) ns += taskNs(`/proc/${pid}/task/${task}`);
  }
  return ns / NS_PER_MS;
};

/**
 * Resident memory in KiB.
 * @param {number} pid
 */
export const rssKib = (pid) => {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1]);
};

/**
 * Bytes a process has read so far, from sockets and everything else. Linux counts `read` here, which libuv uses for TCP, but not
 * `recvmsg`, which it uses for IPC.
 * @param {number} pid
 */
export const readBytes = (pid) =>
  Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
