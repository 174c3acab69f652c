/** V8 settings for the daemon's own process. A program that embeds the relay decides for itself. */

import { performance } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { IdleCollector } from './idle-collector.ts';
import { residentBytes } from './resident-memory.ts';
import { queuedBlocks } from './transport/block-pool.ts';
import { limitYoungGeneration } from './young-generation.ts';

/**
 * V8 marks the heap when heap and buffer memory reach about four times what was alive at the last marking, and collects
 * young buffers only after 32 MiB of them. The heap of a small relay is 8 MB, so frames of 4 KB alone caused eight markings
 * a second. With this ballast it is hardly ever marked (ADR 9).
 */
const BALLAST_BYTES = 8 * 1_024 * 1_024;

/** Never read. Only its presence in the heap matters. */
const ballast: string[] = [];

const addBallast = (): void => {
  // A string holds no references, so marking finds nothing in it.
  const characters = ' '.repeat(BALLAST_BYTES);
  // V8 creates the characters only when one of them is read.
  characters.charCodeAt(0);
  ballast[0] = characters;
};

/**
 * V8 collects a heap of hundreds of megabytes only when it is several times what was alive at the last collection: of the
 * memory that 20,000 server-ids in grace took, two thirds were garbage. A heap of this size is collected when it has grown
 * by 40 %, or by 96 MiB if that is more. That costs a sixth more CPU for each dial while the heap is so large (ADR 9),
 * and nothing before.
 */
const LARGE_HEAP_BYTES = 96 * 1_024 * 1_024;
const LARGE_HEAP_GROWTH_PERCENT = 40;
/**
 * 32 MiB of it are buffers that were read and are garbage. With 38 MiB for all, the heap of a relay with 4,000 phones was marked twice
 * a second beside a flood.
 */
const LEAST_GROWTH_BYTES = LARGE_HEAP_BYTES;
/**
 * To four times what is alive, which is the most that V8 allows by itself. In a process that does little for long it allows
 * a tenth only. That is less than the buffers that are read before the young ones are collected, so the whole heap was
 * marked instead, every 0.7 s at 1,700 frames a second, for a seventh to a fifth of the CPU (ADR 9).
 */
const SMALL_HEAP_GROWTH_PERCENT = 300;
const HEAP_CHECK_INTERVAL_MS = 500;

const growthPercent = (heapBytes: number): number => {
  if (heapBytes <= LARGE_HEAP_BYTES) return SMALL_HEAP_GROWTH_PERCENT;
  return Math.max(LARGE_HEAP_GROWTH_PERCENT, Math.round((100 * LEAST_GROWTH_BYTES) / heapBytes));
};

/** V8's flag for a heap of this size. */
export const heapGrowthFlag = (heapBytes: number): string =>
  `--heap-growing-percent=${growthPercent(heapBytes)}`;

const setHeapGrowth = (): void => {
  setFlagsFromString(heapGrowthFlag(getHeapStatistics().total_heap_size));
  limitYoungGeneration();
};

const watchHeapGrowth = (): void => {
  setHeapGrowth();
  setInterval(setHeapGrowth, HEAP_CHECK_INTERVAL_MS).unref();
};

/**
 * V8's own collection, which also moves what is left together: otherwise each page with one living object on it stays. Node has no
 * other way to ask for one.
 */
const collectGarbage = (): void => {
  queuedBlocks.trim();
  setFlagsFromString('--expose-gc');
  setFlagsFromString('--compact-on-every-full-gc');
  try {
    const collect: unknown = runInNewContext('gc');
    if (typeof collect === 'function') collect();
  } finally {
    setFlagsFromString('--no-compact-on-every-full-gc');
    setFlagsFromString('--no-expose-gc');
  }
};

const MEMORY_CHECK_INTERVAL_MS = 1_000;

const watchIdleMemory = (): void => {
  const collector = new IdleCollector(collectGarbage);
  let before = performance.eventLoopUtilization();
  setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    collector.sample({ residentBytes: residentBytes(), queuedBytes: queuedBlocks.takenBytes, utilization });
  }, MEMORY_CHECK_INTERVAL_MS).unref();
};

/**
 * Large frames are memory outside V8's heap and cause it to mark the heap many times a second. Concurrent marking threads
 * make the relay wait on machines with few cores: a p99 of 11 ms instead of 3 at 1,000 frames of 60 KB a second, and a
 * quarter more CPU at full speed (docs/performance.md).
 *
 * A heap of 100 MB is then marked in 250 steps. V8 queues the next of them as soon as one ends, and Node runs all that are queued before it
 * reads any socket, so they came in turns of 7 to 13 ms. Without these tasks there is a step for each 64 KiB allocated. From
 * Node 22 on, V8 reads this flag only when the process starts (ADR 7).
 */
export const tuneRuntime = (): void => {
  setFlagsFromString('--no-concurrent-marking');
  setFlagsFromString('--no-incremental-marking-task');
  addBallast();
  watchHeapGrowth();
  watchIdleMemory();
};
