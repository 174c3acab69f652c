/**
 * Holds V8's young generation at 8 MiB. V8 would let it grow to 32, and never takes that back: a relay with 8,000 idle phones kept two KiB
 * for each of them there. A collection of young objects also takes the longer the more of them are alive, which is up to half of that:
 * 8 ms beside 4,000 phones that are closed and dial again, and 2 ms with 8 MiB (ADR 9).
 */

import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Both of its halves. With 4 MiB, frames of 4 KB cost more: what is under way in one turn then survives collections. */
const YOUNG_BYTES = 8 * 1_024 * 1_024;

const youngBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;

/**
 * V8's flag for a young generation of this size. V8 reads it whenever it is about to let it grow; the flags for its largest size have no
 * effect on a process that runs. Node 26 reads neither.
 */
export const youngGrowthFlag = (bytes: number): string =>
  `--semi-space-growth-factor=${bytes < YOUNG_BYTES ? 2 : 1}`;

/** Notified of each collection, as only those let it grow. */
let observer: PerformanceObserver | undefined;

/** Call it now and then: V8 also makes it smaller, and it may grow again then. */
export const limitYoungGeneration = (): void => {
  const bytes = youngBytes();
  setFlagsFromString(youngGrowthFlag(bytes));
  if (bytes >= YOUNG_BYTES) {
    observer?.disconnect();
    observer = undefined;
    return;
  }
  if (observer !== undefined) return;
  observer = new PerformanceObserver(limitYoungGeneration);
  observer.observe({ entryTypes: ['gc'] });
};
