/** Joins metrics and readiness to what they read. Nothing of them is loaded unless there is a metrics listener. */
import type { Config } from './config/settings.ts';
import { descriptorLimit } from './machine-limits.ts';
import type { RelayRef } from './machines/relay-machine.ts';
import { memoryReadings } from './memory.ts';
import type { Descriptors } from './observe/readiness.ts';
import type { Readings } from './observe/readings.ts';
import { openDescriptors } from './open-descriptors.ts';
import type { DataPlane } from './transport/data-plane.ts';
import type { MemoryGuard } from './transport/memory-guard.ts';
import type { PushWakes } from './transport/push-wakes.ts';

const descriptors = (): Descriptors => ({ open: openDescriptors(), limit: descriptorLimit() });

/** Metrics are made before most of what they read. */
export interface MeteringSources
  extends Omit<Readings, 'readiness' | 'memory' | 'receivedBytes' | 'actors' | 'deadTokens'> {
  readonly root: () => RelayRef;
  readonly plane: () => DataPlane;
  readonly guard: () => MemoryGuard;
  readonly push: () => PushWakes;
  /** Whether all listeners are open. */
  readonly hasStarted: () => boolean;
}

/** Resolves to undefined without a metrics listener. */
export const openMetering = async (
  { metricsListen }: Config,
  { root, plane, guard, push, hasStarted, ...readings }: MeteringSources,
) => {
  if (metricsListen === null) return undefined;
  const { createMetering } = await import('./observe/metering.ts');
  return createMetering({
    ...readings,
    memory: memoryReadings(() => ({ plane: plane(), guard: guard() })),
    receivedBytes: () => plane().traffic.receivedBytes,
    actors: () => {
      const { servers, connections } = plane().directory.getSnapshot().context;
      return {
        relay: [root()],
        server: servers.values(),
        connection: connections.values(),
        push: [push().chart],
        wake: push().chart.getSnapshot().context.wakes.values(),
      };
    },
    deadTokens: () => push().deadTokens,
    readiness: {
      phase: () => {
        if (root().getSnapshot().value !== 'serving') return 'draining';
        return hasStarted() ? 'serving' : 'starting';
      },
      isAboveWatermark: () => guard().memoryLimit() !== undefined,
      descriptors,
    },
  });
};
