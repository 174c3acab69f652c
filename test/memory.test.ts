/** What a reload changes of the bounds of memory. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { completeConfig } from '../src/config/read-config.ts';
import { reloadableMemory, startMemoryGuard } from '../src/memory.ts';
import type { MemoryGuard } from '../src/transport/memory-guard.ts';
import { WiredRelay } from './support/wired-relay.ts';

const MIB = 1_024 * 1_024;
const GIVEN = { totalBacklogBytes: 64 * MIB, memoryWatermarkBytes: 0 };

let relay: WiredRelay;
let guard: MemoryGuard;
beforeEach(() => {
  relay = new WiredRelay({ totalBacklogBytes: GIVEN.totalBacklogBytes });
  guard = startMemoryGuard(relay.plane, completeConfig(GIVEN));
});
afterEach(() => {
  guard.end();
  relay.dispose();
});

test('all four limits are live, and each change is said', async () => {
  const reloadable = reloadableMemory(relay.plane, guard, completeConfig(GIVEN));
  const next = completeConfig({
    totalBacklogBytes: 32 * MIB,
    memoryWatermarkBytes: 400 * MIB,
    maxServerIds: 7,
    serverIdBytesPerSecond: MIB,
    // Needs a restart: the burst stays one frame of the size that is in force.
    maxFrameBytes: 1_000,
  });
  const apply = await reloadable.prepare(next);
  expect(relay.plane.backlog.limitBytes).toBe(64 * MIB);
  expect(apply()).toEqual([
    'total-backlog-bytes 67108864 to 33554432',
    'memory-watermark 0 to 419430400',
    'max-server-ids 0 to 7',
    'server-id-bytes-per-second 0 to 1048576',
  ]);
  expect(relay.plane.backlog.limitBytes).toBe(32 * MIB);
  expect(guard.limits).toEqual({ watermarkBytes: 400 * MIB, maxServerIds: 7 });
  expect(relay.plane.throttle.rate).toEqual({ bytesPerSecond: MIB, burstBytes: 262_144 });
  expect((await reloadable.prepare(next))()).toEqual([]);
});
