/**
 * Stops the reading of a socket at once. By itself Node reads once more after `pause()`, up to 64 KiB, and keeps that: hundreds of sockets
 * that wait for their turns would hold 16 MiB that no ledger knows. This is private state of Node: without it, sockets are read as by
 * Node itself. `test/transport/socket-handle.test.ts` fails if an upgrade changes it.
 */
import type { Socket } from 'node:net';

/** What `socket._handle` is while the socket is open, with or without TLS. */
interface Handle {
  /** Whether Node believes that it reads. While this is true, Node does not start it again. */
  readonly reading: boolean;
  readStart(): number;
  readStop(): number;
}

const hasReading = (handle: unknown): handle is Handle =>
  typeof handle === 'object' &&
  handle !== null &&
  'reading' in handle &&
  'readStart' in handle &&
  typeof handle.readStart === 'function' &&
  'readStop' in handle &&
  typeof handle.readStop === 'function';

const readingHandleOf = (socket: Socket): Handle | undefined => {
  const handle: unknown = Reflect.get(socket, '_handle');
  // Otherwise Node has stopped it, and starts it when the stream flows.
  return hasReading(handle) && handle.reading ? handle : undefined;
};

/** Until `startReading`. Does nothing to a socket that is not being read. */
export const stopReading = (socket: Socket): void => {
  readingHandleOf(socket)?.readStop();
};

/** Goes on after `stopReading`, if the socket is still open. */
export const startReading = (socket: Socket): void => {
  readingHandleOf(socket)?.readStart();
};
