/** For tests of the connection chart: a connection of either role, and the events that it is expected to send. */
import { createActor } from 'xstate';
import { connectionMachine } from '../../src/machines/connection-machine.ts';
import type {
  Admission,
  CloseCause,
  CloseOrder,
  ConnectionEmitted,
  ConnectionEvent,
} from '../../src/machines/connection-messages.ts';
import type { Close } from '../../src/protocol/close-codes.ts';
import type { Role } from '../../src/protocol/routing-headers.ts';
import { ChartRun, type Told } from './chart.ts';

/** All different, so that no test passes with the wrong delay. */
export const TIMING = {
  heartbeatIntervalMs: 30_000,
  heartbeatTimeoutMs: 20_000,
  flushTimeoutMs: 60_000,
  closeWriteTimeoutMs: 5_000,
  closeAnswerTimeoutMs: 7_000,
} as const;
export const FIRST_HEARTBEAT_MS = 18_000;

export type ConnectionRun = ChartRun<typeof connectionMachine>;

/** c1 of server-id s1, upgraded and not admitted. */
export const startConnection = (role: Role = 'phone'): ConnectionRun =>
  new ChartRun((options) =>
    createActor(connectionMachine, {
      ...options,
      input: { connId: 'c1', role, serverId: 's1', timing: TIMING, firstHeartbeatMs: FIRST_HEARTBEAT_MS },
    }),
  );

export const admit = (binaryId: string, admission: Admission): ConnectionEvent => ({
  type: 'admit',
  binaryId,
  admission,
});

/** Admitted: a phone under binary b1, or that binary itself. */
export const openConnection = (role: Role = 'phone'): ConnectionRun => {
  const connection = startConnection(role);
  connection.send(role === 'phone' ? admit('b1', 'registration') : admit('c1', 'claim'));
  return connection;
};

const RECLAIMED: Close = { closeCode: 4404, reason: 'binary reclaimed server-id' };
const SHUTDOWN: Close = { closeCode: 1001, reason: 'shutting down' };

// Events sent to it.
export const order = (
  change: Partial<CloseOrder & { cause: CloseCause; isNoticeOwed: boolean }> = {},
): ConnectionEvent => ({
  type: 'close',
  close: RECLAIMED,
  cause: 'reclaimed',
  flush: false,
  isNoticeOwed: true,
  ...change,
});
export const FLUSHED_ORDER = order({ close: SHUTDOWN, cause: 'shutdown', flush: true });
export const refusal = (close: Close): ConnectionEvent => ({ type: 'refuse', close });
export const gone = (closeCode: number): ConnectionEvent => ({ type: 'socket.ended', closeCode });

// Events expected from it.
export const PING: ConnectionEmitted = { type: 'ping.due' };
export const DISCARD: ConnectionEmitted = { type: 'discard.due' };
export const FLUSH: ConnectionEmitted = { type: 'flush.due' };
export const END: ConnectionEmitted = { type: 'end.due' };
export const CUT: ConnectionEmitted = { type: 'cut.due' };
export const closeDue = (close: Close): ConnectionEmitted => ({ type: 'close.due', close });
export const reported = (cause: CloseCause): ConnectionEmitted => ({ type: 'connection.left', cause });
export const ended = (closeCode: number, wasAdmitted = true): ConnectionEmitted => ({
  type: 'connection.ended',
  closeCode,
  wasAdmitted,
});
export const left = (role: Role): Told => ['s1', { type: `${role}.left`, connId: 'c1' }];
/** A phone's notice, for binary b1. */
export const notice = (closeCode: number): Told => [
  's1',
  { type: 'phone.ended', connId: 'c1', binaryId: 'b1', closeCode },
];
