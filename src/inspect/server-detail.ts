/** One server-id in full: its actor's state and allow-listed context, its connections, and the timers of all of them. */
import type { AnyActorRef, AnyMachineSnapshot } from 'xstate';
import { activeStates } from '../machines/active-states.ts';
import type { ConnectionRef } from '../machines/directory-messages.ts';
import type { WakeRef } from '../machines/push-messages.ts';
import type { ServerRef } from '../machines/server-view.ts';
import type { ConnectionView, ServerView, TimerView } from './updates.ts';

/** The delayed events that an actor has set for itself. */
export interface RunningTimers {
  readonly runningOf: (ref: AnyActorRef) => readonly TimerView[];
}

/** Ids of the active state nodes, the root's first. */
export const stateIds = (snapshot: AnyMachineSnapshot): string[] =>
  activeStates(snapshot).map(({ id }) => id);

/** What is alive in the relay. */
export interface Actors {
  readonly connections: ReadonlyMap<string, ConnectionRef>;
  readonly wakes: ReadonlyMap<number, WakeRef>;
  readonly timers: RunningTimers;
}

/**
 * @param known conn ids of the server-id; those that have ended are removed
 * @returns null if the server-id has no actor and no connection
 */
export const describeServer = (
  serverId: string,
  known: Set<string>,
  ref: ServerRef | undefined,
  { connections: all, wakes: allWakes, timers }: Actors,
): ServerView | null => {
  const wakes = [...allWakes.values()].flatMap((wake) => {
    const { context } = wake.getSnapshot();
    if (context.serverId !== serverId) return [];
    return [{ id: context.id, states: stateIds(wake.getSnapshot()), timers: timers.runningOf(wake) }];
  });
  const describe = (connId: string): ConnectionView[] => {
    const connection = all.get(connId);
    if (connection === undefined) {
      known.delete(connId);
      return [];
    }
    const snapshot = connection.getSnapshot();
    const { role } = snapshot.context;
    return [{ connId, role, states: stateIds(snapshot), timers: timers.runningOf(connection) }];
  };
  const snapshot = ref?.getSnapshot();
  if (ref === undefined || snapshot === undefined || snapshot.status !== 'active') {
    const connections = [...known].flatMap(describe);
    return connections.length + wakes.length === 0 ? null : { ...RELEASED, connections, wakes };
  }
  const { binaryId, phones, claimants, maxPhones } = snapshot.context;
  const members = new Set([...(binaryId === null ? [] : [binaryId]), ...claimants, ...phones]);
  const leaving = [...known].filter((connId) => !members.has(connId));
  return {
    states: stateIds(snapshot),
    binaryId,
    phones,
    line: claimants,
    maxPhones,
    timers: timers.runningOf(ref),
    connections: [...members, ...leaving].flatMap(describe),
    wakes,
  };
};

/** The actor has ended, but connections that it has closed have not. */
const RELEASED = {
  states: ['server', 'server.released'],
  binaryId: null,
  phones: [],
  line: [],
  maxPhones: 0,
  timers: [],
};
