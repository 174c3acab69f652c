/** The connection chart's tests: a connection of either role, before and after it is admitted. */
import { createActor } from 'xstate';
import { connectionMachine } from '../../src/machines/connection-machine.ts';
import type {
  CloseCause,
  ConnectionEmitted,
  ConnectionEvent,
} from '../../src/machines/connection-messages.ts';
import type { Close } from '../../src/protocol/close-codes.ts';
import type { Role } from '../../src/protocol/routing-headers.ts';
import { type ChartRun, runChart } from './chart.ts';

/** All different, so that no test passes with the wrong one. */
export const TIMING = {
  heartbeatIntervalMs: 30_000,
  heartbeatTimeoutMs: 20_000,
  flushTimeoutMs: 60_000,
  closeWriteTimeoutMs: 5_000,
  closeAnswerTimeoutMs: 7_000,
} as const;

type ConnectionRun = ChartRun<typeof connectionMachine>;

/** Upgraded, not admitted. */
export const startConnection = (role: Role = 'phone'): ConnectionRun =>
  runChart((clock) =>
    createActor(connectionMachine, {
      clock,
      input: { connId: 'c1', role, serverId: 's1', timing: TIMING },
    }),
  );

/** Admitted: a phone under binary b1, or that binary itself. */
export const openConnection = (role: Role = 'phone'): ConnectionRun => {
  const connection = startConnection(role);
  connection.send({ type: 'admitted', binaryId: role === 'phone' ? 'b1' : 'c1' });
  return connection;
};

export const gone = (closeCode: number): ConnectionEvent => ({ type: 'socket.closed', closeCode });

export const PING: ConnectionEmitted = { type: 'ping.due' };
export const FLUSH: ConnectionEmitted = { type: 'flush.due' };
export const CUT: ConnectionEmitted = { type: 'cut.due' };
export const left = (cause: CloseCause): ConnectionEmitted => ({ type: 'connection.left', cause });
export const closeDue = (close: Close): ConnectionEmitted => ({ type: 'close.due', close });
export const ended = (
  binaryId: string | null,
  closeCode: number,
  noticeCode: number | null,
): ConnectionEmitted => ({ type: 'connection.ended', binaryId, closeCode, noticeCode });
