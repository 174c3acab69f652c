/** Totals of the whole relay, shown above the page's table. */
import type { AnyActorRef } from 'xstate';
import type { Traffic } from './traffic.ts';
import type { Overview } from './updates.ts';

export interface OverviewSources {
  /** The root of the actor system. */
  readonly relay: AnyActorRef;
  readonly counts: { readonly binaries: number; readonly phones: number };
}

export const describeRelay = (
  { relay, counts }: OverviewSources,
  servers: Overview['servers'],
  traffic: Traffic,
  startedAtMs: number,
): Overview => {
  const nowMs = performance.now();
  const state: unknown = Reflect.get(relay.getSnapshot(), 'value');
  return {
    relay: typeof state === 'string' ? state : 'unknown',
    uptimeMs: Math.round(nowMs - startedAtMs),
    servers,
    binaries: counts.binaries,
    phones: counts.phones,
    framesUp: traffic.frames.phone_to_binary,
    framesDown: traffic.frames.binary_to_phone,
    closeCodes: traffic.closeCodes(nowMs),
  };
};
