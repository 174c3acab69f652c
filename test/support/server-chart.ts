/**
 * For tests of the server chart: events sent to it and events expected from it. The close codes and
 * reasons are written out here, not imported, so that a change on the wire fails a test.
 */
import { createActor } from 'xstate';
import type { ClaimKind, CloseCause } from '../../src/machines/connection-messages.ts';
import { serverMachine } from '../../src/machines/server-machine.ts';
import type { ServerEmitted, ServerEvent } from '../../src/machines/server-messages.ts';
import type { Close } from '../../src/protocol/close-codes.ts';
import { ChartRun, type Told } from './chart.ts';

export const GRACE_MS = 30_000;
export const PROBE_TIMEOUT_MS = 10_000;

export const NO_SERVER: Close = { closeCode: 4404, reason: 'no server with that id' };
export const RECLAIMED: Close = { closeCode: 4404, reason: 'binary reclaimed server-id' };
export const CLAIMED: Close = { closeCode: 4409, reason: 'server-id already claimed' };
export const AT_CAP: Close = { closeCode: 4429, reason: 'too many phones for server-id' };
export const SILENT: Close = { closeCode: 1011, reason: 'heartbeat timeout' };
export const ILLEGAL: Close = { closeCode: 1011, reason: 'illegal close code' };
export const BACKLOG_FULL: Close = { closeCode: 1011, reason: 'phone backlog full' };
export const SHUTDOWN: Close = { closeCode: 1001, reason: 'shutting down' };

export type ServerRun = ChartRun<typeof serverMachine>;

export const startServer = (maxPhones = 16, serverId = 's1'): ServerRun =>
  new ChartRun((options) =>
    createActor(serverMachine, {
      ...options,
      input: { serverId, maxPhones, timing: { graceMs: GRACE_MS, probeTimeoutMs: PROBE_TIMEOUT_MS } },
    }),
  );

/** `prefix1` to `prefixN`. */
export const ids = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

// Events sent to it.
export const claim = (connId: string): ServerEvent => ({ type: 'binary.claimed', connId });
export const answer = (connId: string): ServerEvent => ({ type: 'binary.answered', connId });
export const leave = (connId: string): ServerEvent => ({ type: 'binary.left', connId });
export const register = (connId: string): ServerEvent => ({ type: 'phone.registered', connId });
export const phoneLeaves = (connId: string): ServerEvent => ({ type: 'phone.left', connId });
export const unheard = (connId: string): ServerEvent => ({ type: 'phone.unheard', connId });
export const dismiss = (connId: string, closeCode: number, isTooLong = false): ServerEvent => ({
  type: 'phone.dismissed',
  connId,
  closeCode,
  isTooLong,
});
export const end = (connId: string, binaryId: string, closeCode: number): ServerEvent => ({
  type: 'phone.ended',
  connId,
  binaryId,
  closeCode,
});
export const DRAIN: ServerEvent = { type: 'drain' };

// Events expected to connections.
export const admitted = (connId: string, kind: ClaimKind): Told => [
  connId,
  { type: 'admit', binaryId: connId, admission: kind },
];
export const phoneAdmitted = (connId: string, binaryId: string): Told => [
  connId,
  { type: 'admit', binaryId, admission: 'registration' },
];
export const refused = (connId: string, close: Close): Told => [connId, { type: 'refuse', close }];
export const probed = (connId: string): Told => [connId, { type: 'probe' }];
/** Closed with or without its backlog first. The binary is notified of its end only if a notice is owed. */
export const closed = (
  connId: string,
  close: Close,
  cause: CloseCause,
  { flush = false, isNoticeOwed = false } = {},
): Told => [connId, { type: 'close', close, cause, flush, isNoticeOwed }];
export const notified = (binaryId: string, connId: string, closeCode: number): Told => [
  binaryId,
  { type: 'notify', connId, closeCode },
];

// Events expected to be emitted.
export const dismissed = (connId: string, closeCode: number, isLegal: boolean): ServerEmitted => ({
  type: 'phone.dismissed',
  connId,
  closeCode,
  isLegal,
});
export const noticeLost = (connId: string, closeCode: number): ServerEmitted => ({
  type: 'notice.lost',
  connId,
  closeCode,
});
export const GRACE_STARTED: ServerEmitted = { type: 'grace.started' };
export const GRACE_EXPIRED: ServerEmitted = { type: 'grace.expired' };
