/** What the data plane asks of a server actor for each frame: read from its snapshot, never kept elsewhere. */
import type { ActorRefFrom, SnapshotFrom } from 'xstate';
import type { serverMachine } from './server-machine.ts';

export type ServerRef = ActorRefFrom<typeof serverMachine>;
export type ServerSnapshot = SnapshotFrom<typeof serverMachine>;

/** The same as `snapshot.matches({ claimed: 'held' })`, at a tenth of its cost: this is asked for every frame. */
const isHeld = ({ value }: ServerSnapshot): boolean =>
  typeof value === 'object' && typeof value.claimed === 'object' && 'held' in value.claimed;

/** Conn id of the binary that takes this server-id's frames now; null while there is none, grace included. */
export const liveBinary = (snapshot: ServerSnapshot): string | null =>
  snapshot.status === 'active' && isHeld(snapshot) ? snapshot.context.binaryId : null;

export const isRegistered = (snapshot: ServerSnapshot, connId: string): boolean =>
  snapshot.status === 'active' && snapshot.context.phones.includes(connId);

export const isWaiting = (snapshot: ServerSnapshot, connId: string): boolean =>
  snapshot.status === 'active' && snapshot.context.claimants.includes(connId);
