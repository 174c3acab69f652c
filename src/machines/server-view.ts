/** Questions that the data plane asks for each frame, answered from the server actor's snapshot. Nothing is cached. */
import type { ActorRefFrom, SnapshotFrom } from 'xstate';
import type { serverMachine } from './server-machine.ts';

export type ServerRef = ActorRefFrom<typeof serverMachine>;
export type ServerSnapshot = SnapshotFrom<typeof serverMachine>;

/** Equals `snapshot.matches({ claimed: 'held' })` at a tenth of the cost: this runs for every frame. */
const isHeld = ({ value }: ServerSnapshot): boolean =>
  typeof value === 'object' && typeof value.claimed === 'object' && 'held' in value.claimed;

/** Conn id of the binary that takes this server-id's frames now; null if there is none, as in grace. */
export const liveBinary = (snapshot: ServerSnapshot): string | null =>
  snapshot.status === 'active' && isHeld(snapshot) ? snapshot.context.binaryId : null;

export const isRegistered = (snapshot: ServerSnapshot, connId: string): boolean =>
  snapshot.status === 'active' && snapshot.context.phones.includes(connId);

export const isWaiting = (snapshot: ServerSnapshot, connId: string): boolean =>
  snapshot.status === 'active' && snapshot.context.claimants.includes(connId);
