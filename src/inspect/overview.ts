/** Totals of the whole relay, shown above the page's table. */
import type { ActorRefFrom, AnyActorRef } from 'xstate';
import { activeStates } from '../machines/active-states.ts';
import type { pushMachine } from '../machines/push-machine.ts';
import { PUSH } from '../machines/relay-machine.ts';
import type { Traffic } from './traffic.ts';
import type { Overview } from './updates.ts';

export interface OverviewSources {
  /** The root of the actor system. */
  readonly relay: AnyActorRef;
  readonly counts: { readonly binaries: number; readonly phones: number };
}

/** @returns undefined when the relay has stopped */
export const pushOf = (relay: AnyActorRef): ActorRefFrom<typeof pushMachine> | undefined =>
  // The relay chart invokes it under this name while it runs.
  relay.system.get(PUSH) as ActorRefFrom<typeof pushMachine> | undefined;

const describePush = (relay: AnyActorRef): Overview['push'] => {
  const snapshot = pushOf(relay)?.getSnapshot();
  if (snapshot === undefined) return { state: 'ended', wakes: 0 };
  return { state: activeStates(snapshot).at(-1)?.key ?? '', wakes: snapshot.context.wakes.size };
};

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
    push: describePush(relay),
    framesUp: traffic.frames.phone_to_binary,
    framesDown: traffic.frames.binary_to_phone,
    closeCodes: traffic.closeCodes(nowMs),
  };
};
