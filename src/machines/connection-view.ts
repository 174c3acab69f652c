/** Questions that others ask of a connection actor's snapshot. */
import type { SnapshotFrom } from 'xstate';
import type { connectionMachine } from './connection-machine.ts';

export type ConnectionSnapshot = SnapshotFrom<typeof connectionMachine>;

/** Admitted and not leaving: may be on its server's list. */
export const isOpen = ({ value }: ConnectionSnapshot): boolean =>
  typeof value === 'object' && 'open' in value;

/** "flushing" or another state of a closing, also after a refusal; undefined if it is not being closed. */
export const closingState = ({ value }: ConnectionSnapshot): string | undefined => {
  if (typeof value !== 'object') return undefined;
  if ('closing' in value) return value.closing;
  return 'refused' in value ? value.refused : undefined;
};

/** Neither admitted nor refused yet: may be in line. */
export const isWaiting = ({ value }: ConnectionSnapshot): boolean => value === 'waiting';
