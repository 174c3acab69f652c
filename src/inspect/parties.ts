/** Maps an actor to its role for watchers. */
import { CONNECTION_PREFIX, SERVER_PREFIX } from '../machines/directory-actors.ts';
import type { ConnectionRef } from '../machines/directory-messages.ts';
import { WAKE_PREFIX } from '../machines/push-actions.ts';
import type { WakeRef } from '../machines/push-messages.ts';
import { DIRECTORY } from '../machines/relay-machine.ts';
import type { Party } from './updates.ts';

/** A party, and the server-id that it belongs to: '' for the directory, which belongs to none. */
export interface Place {
  readonly party: Party;
  readonly serverId: string;
}

export const DIRECTORY_PARTY: Party = { kind: 'directory', connId: '', role: '' };
export const SERVER_PARTY: Party = { kind: 'server', connId: '', role: '' };

/** @returns undefined for what is no wake */
export const serverIdOfWake = (ref: object): string | undefined => {
  const id: unknown = Reflect.get(ref, 'id');
  // The id shows that it is a wake.
  return typeof id === 'string' && id.startsWith(WAKE_PREFIX)
    ? (ref as WakeRef).getSnapshot().context.serverId
    : undefined;
};

/** @returns undefined for the relay chart, push and its wakes, which sends nothing to servers or connections */
export const placeOf = (ref: object): Place | undefined => {
  const id: unknown = Reflect.get(ref, 'id');
  if (typeof id !== 'string') return undefined;
  if (id === DIRECTORY) return { party: DIRECTORY_PARTY, serverId: '' };
  if (id.startsWith(SERVER_PREFIX)) return { party: SERVER_PARTY, serverId: id.slice(SERVER_PREFIX.length) };
  if (!id.startsWith(CONNECTION_PREFIX)) return undefined;
  // The id shows that it is a connection. The directory may have removed it before its last snapshot is inspected.
  const { connId, role, serverId } = (ref as ConnectionRef).getSnapshot().context;
  return { party: { kind: 'connection', connId, role }, serverId };
};
