/** Joins what bounds memory: the ledger of backlogs, the watermark, the number of server-ids; and what a reload changes of it. */
import type { Rate } from './admission/byte-rate.ts';
import { memoryBudget } from './admission/memory-budget.ts';
import type { Reloadable } from './config/reloadable.ts';
import type { Config } from './config/settings.ts';
import { memoryLimitBytes } from './machine-limits.ts';
import type { MemoryReadings } from './observe/memory-readings.ts';
import { residentBytes } from './resident-memory.ts';
import { queuedBlocks } from './transport/block-pool.ts';
import type { DataPlane } from './transport/data-plane.ts';
import { MemoryGuard, type MemoryLimits } from './transport/memory-guard.ts';

type MemorySettings = Pick<
  Config,
  'totalBacklogBytes' | 'memoryWatermarkBytes' | 'maxServerIds' | 'serverIdBytesPerSecond' | 'maxFrameBytes'
>;

export const totalBacklogBytes = (config: MemorySettings): number =>
  memoryBudget(config, memoryLimitBytes()).totalBacklogBytes;

export const byteRate = ({ serverIdBytesPerSecond, maxFrameBytes }: MemorySettings): Rate | undefined =>
  serverIdBytesPerSecond === 0
    ? undefined
    : { bytesPerSecond: serverIdBytesPerSecond, burstBytes: maxFrameBytes };

const limitsOf = (config: MemorySettings): MemoryLimits => ({
  watermarkBytes: memoryBudget(config, memoryLimitBytes()).watermarkBytes,
  maxServerIds: config.maxServerIds,
});

/** For the metrics, which are made before the data plane. */
export const memoryReadings = (
  read: () => { readonly plane: DataPlane; readonly guard: MemoryGuard },
): MemoryReadings => ({
  backlogBytes: () => read().plane.backlog.totalBytes,
  backlogLimitBytes: () => read().plane.backlog.limitBytes,
  queueMemoryBytes: () => queuedBlocks.slabBytes,
  queueTakenBytes: () => queuedBlocks.takenBytes,
  residentBytes,
  watermarkBytes: () => read().guard.limits.watermarkBytes,
  serverIds: () => read().plane.directory.getSnapshot().context.servers.size,
});

export const startMemoryGuard = (plane: DataPlane, config: MemorySettings): MemoryGuard => {
  const guard = new MemoryGuard(plane, limitsOf(config), residentBytes);
  guard.start();
  return guard;
};

const changed = (name: string, before: number, after: number): string[] =>
  before === after ? [] : [`${name} ${before} to ${after}`];

/** @param current the settings in force; those that need a restart stay */
export const reloadableMemory = (
  plane: DataPlane,
  guard: MemoryGuard,
  current: MemorySettings,
): Reloadable => ({
  prepare: (next) => {
    const [limits, backlogBytes] = [limitsOf(next), totalBacklogBytes(next)];
    const rate = byteRate({ ...next, maxFrameBytes: current.maxFrameBytes });
    return Promise.resolve(() => {
      const before = { ...guard.limits, backlogBytes: plane.backlog.limitBytes, rate: plane.throttle.rate };
      plane.throttle.rate = rate;
      guard.limits = limits;
      plane.backlog.limitBytes = backlogBytes;
      return [
        ...changed('total-backlog-bytes', before.backlogBytes, backlogBytes),
        ...changed('memory-watermark', before.watermarkBytes, limits.watermarkBytes),
        ...changed('max-server-ids', before.maxServerIds, limits.maxServerIds),
        ...changed('server-id-bytes-per-second', before.rate?.bytesPerSecond ?? 0, rate?.bytesPerSecond ?? 0),
      ];
    });
  },
});
