/** Questions that others ask of a connection actor's snapshot. */
import type { SnapshotFrom } from 'xstate';
import type { connectionMachine } from './connection-machine.ts';

export type ConnectionSnapshot = SnapshotFrom<typeof connectionMachine>;

/** Admitted and not leaving: may be on its server's list. */
export const isOpen = ({ value }: ConnectionSnapshot): boolean =>
  typeof value === 'object' && 'open' in value;

/** Neither admitted nor refused yet: may be in line. */
export const isWaiting = ({ value }: ConnectionSnapshot): boolean => value === 'waiting';
