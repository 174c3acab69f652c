/** Totals of the whole relay, shown above the page's table, and its own charts. */
import { type ActorRefFrom, type AnyActorRef, isMachineSnapshot } from 'xstate';
import type { pushMachine } from '../machines/push-machine.ts';
import { PUSH } from '../machines/relay-machine.ts';
import { type RunningTimers, stateIds } from './server-detail.ts';
import type { Traffic } from './traffic.ts';
import type { ChartNow, Overview } from './updates.ts';

export interface OverviewSources {
  /** The root of the actor system. */
  readonly relay: AnyActorRef;
  readonly counts: { readonly binaries: number; readonly phones: number };
  readonly timers: RunningTimers;
}

/** @returns undefined when the relay has stopped */
export const pushOf = (relay: AnyActorRef): ActorRefFrom<typeof pushMachine> | undefined =>
  // The relay chart invokes it under this name while it runs.
  relay.system.get(PUSH) as ActorRefFrom<typeof pushMachine> | undefined;

const chartNow = (ref: AnyActorRef | undefined, timers: RunningTimers): ChartNow => {
  const snapshot: unknown = ref?.getSnapshot();
  if (ref === undefined || !isMachineSnapshot(snapshot)) return { states: [], timers: [] };
  return { states: stateIds(snapshot), timers: timers.runningOf(ref) };
};

export const describeRelay = (
  { relay, counts, timers }: OverviewSources,
  servers: Overview['servers'],
  traffic: Traffic,
  startedAtMs: number,
): Overview => {
  const nowMs = performance.now();
  const push = pushOf(relay);
  return {
    relay: chartNow(relay, timers),
    uptimeMs: Math.round(nowMs - startedAtMs),
    servers,
    binaries: counts.binaries,
    phones: counts.phones,
    push: { ...chartNow(push, timers), wakes: push?.getSnapshot().context.wakes.size ?? 0 },
    framesUp: traffic.frames.phone_to_binary,
    framesDown: traffic.frames.binary_to_phone,
    closeCodes: traffic.closeCodes(nowMs),
  };
};
