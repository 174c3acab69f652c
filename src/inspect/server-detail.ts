/** One server-id in full: its actor's state and allow-listed context, what can happen next, and its connections. */
import { type AnyMachineSnapshot, getNextTransitions } from 'xstate';
import { activeStates } from '../machines/active-states.ts';
import type { ConnectionRef } from '../machines/directory-messages.ts';
import type { WakeRef } from '../machines/push-messages.ts';
import type { ServerRef } from '../machines/server-view.ts';
import type { ServerView } from './updates.ts';

const stateIds = (snapshot: AnyMachineSnapshot): string[] => activeStates(snapshot).map(({ id }) => id);

export const describeServer = (
  serverId: string,
  ref: ServerRef | undefined,
  connections: ReadonlyMap<string, ConnectionRef>,
  wakes: Iterable<WakeRef>,
): ServerView | null => {
  const snapshot = ref?.getSnapshot();
  if (snapshot === undefined || snapshot.status !== 'active') return null;
  const { binaryId, phones, claimants, maxPhones } = snapshot.context;
  const connIds = [...(binaryId === null ? [] : [binaryId]), ...claimants, ...phones];
  return {
    serverId,
    states: stateIds(snapshot),
    binaryId,
    phones,
    line: claimants,
    maxPhones,
    next: [...new Set(getNextTransitions(snapshot).map(({ eventType }) => eventType))],
    connections: connIds.flatMap((connId) => {
      const connection = connections.get(connId)?.getSnapshot();
      if (connection === undefined) return [];
      return [{ connId, role: connection.context.role, states: stateIds(connection) }];
    }),
    wakes: [...wakes].flatMap((wake) => {
      const seen = wake.getSnapshot();
      return seen.context.serverId === serverId ? [{ id: seen.context.id, states: stateIds(seen) }] : [];
    }),
  };
};
