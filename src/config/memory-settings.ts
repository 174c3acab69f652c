/** Settings that bound what the relay takes in all. */
import { MIN_SERVER_ID_RATE_BYTES, MIN_TOTAL_BACKLOG_BYTES } from '../protocol/limits.ts';
import { count, derivedSize, sizeOrOff } from './setting-kinds.ts';

const MAX_MEMORY_BYTES = 1024 ** 4;
const MAX_RATE_BYTES = 1024 ** 3;

export const memorySettings = {
  totalBacklogBytes: derivedSize(
    {
      flag: 'total-backlog-bytes',
      summary: 'queues in all, else the largest goes; a quarter of the memory',
      isLive: true,
    },
    MIN_TOTAL_BACKLOG_BYTES,
    MAX_MEMORY_BYTES,
  ),
  memoryWatermarkBytes: derivedSize(
    {
      flag: 'memory-watermark',
      summary: 'nobody comes in above it; 85 % of the memory; 0 for off',
      isLive: true,
    },
    0,
    MAX_MEMORY_BYTES,
  ),
  maxServerIds: count(
    {
      flag: 'max-server-ids',
      summary: 'server-ids, also in grace; a new one gets 503; 0 for off',
      isLive: true,
    },
    0,
  ),
  serverIdBytesPerSecond: sizeOrOff(
    {
      flag: 'server-id-bytes-per-second',
      summary: 'for each server-id, each way; 0 for off',
      isLive: true,
    },
    MIN_SERVER_ID_RATE_BYTES,
    MAX_RATE_BYTES,
  ),
} as const;
