/** What an accepted socket passes before its HTTP parser: a PROXY header, TLS. */
import type { Socket } from 'node:net';

/**
 * Hands `next` the socket to go on with, or destroys it. May take its time. The socket that it is given may be paused, and has
 * all its bytes still to be read.
 */
export type AcceptStage = (socket: Socket, next: (socket: Socket) => void) => void;

/** Calls `ready` when all stages have been passed. */
export const passStages = (
  stages: readonly AcceptStage[],
  socket: Socket,
  ready: (socket: Socket) => void,
): void => {
  const [stage, ...others] = stages;
  if (stage === undefined) ready(socket);
  else stage(socket, (passed) => passStages(others, passed, ready));
};
