/** Who an actor is to those who watch. */
import { CONNECTION_PREFIX, SERVER_PREFIX } from '../machines/directory.ts';
import type { ConnectionRef } from '../machines/directory-messages.ts';
import { DIRECTORY } from '../machines/relay-machine.ts';
import type { Party } from './updates.ts';

/** A party, and the server-id it belongs to: '' for the directory, which serves all. */
export interface Place {
  readonly party: Party;
  readonly serverId: string;
}

export const DIRECTORY_PARTY: Party = { kind: 'directory', connId: '', role: '' };
export const SERVER_PARTY: Party = { kind: 'server', connId: '', role: '' };

/** @returns undefined for the relay chart, which tells neither servers nor connections anything */
export const placeOf = (ref: object): Place | undefined => {
  const id: unknown = Reflect.get(ref, 'id');
  if (typeof id !== 'string') return undefined;
  if (id === DIRECTORY) return { party: DIRECTORY_PARTY, serverId: '' };
  if (id.startsWith(SERVER_PREFIX)) return { party: SERVER_PARTY, serverId: id.slice(SERVER_PREFIX.length) };
  if (!id.startsWith(CONNECTION_PREFIX)) return undefined;
  // Its id says that it is a connection. The directory may forget it before its last snapshot is inspected.
  const { connId, role, serverId } = (ref as ConnectionRef).getSnapshot().context;
  return { party: { kind: 'connection', connId, role }, serverId };
};
