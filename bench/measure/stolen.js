/** How much of this machine's time its host has taken for others: latencies of a virtual machine depend on it. */
import { readFileSync } from 'node:fs';

/** Of the first line of /proc/stat (man 5 proc): user, nice, system, idle, iowait, irq, softirq, steal; guests are in user. */
const COUNTED = 8;
const STEAL = 7;

const ticks = () => {
  try {
    const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
    return line
      .split(/\s+/)
      .slice(1, 1 + COUNTED)
      .map(Number);
  } catch {
    return [];
  }
};

/**
 * Starts to watch.
 * @returns the share so far, from 0 to 1, of the time that the cores had work; NaN where the system does not say
 */
export const watchStolen = () => {
  const before = ticks();
  return () => {
    const spent = ticks().map((now, i) => now - (before[i] ?? 0));
    const [, , , idle = 0, iowait = 0] = spent;
    const busy = spent.reduce((sum, one) => sum + one, 0) - idle - iowait;
    return (spent[STEAL] ?? Number.NaN) / busy;
  };
};
