/**
 * The words of the server chart's tests: what it is told, and what it is expected to say. The close codes and
 * reasons are written out here, not imported, so that a change of the wire does not go by unseen.
 */
import { createActor } from 'xstate';
import { serverMachine } from '../../src/machines/server-machine.ts';
import type {
  ClaimKind,
  EvictionCause,
  ServerEmitted,
  ServerEvent,
} from '../../src/machines/server-messages.ts';
import type { Close } from '../../src/protocol/close-codes.ts';
import { type ChartRun, runChart } from './chart.ts';

export const GRACE_MS = 30_000;
export const PROBE_TIMEOUT_MS = 10_000;

export const NO_SERVER: Close = { closeCode: 4404, reason: 'no server with that id' };
export const RECLAIMED: Close = { closeCode: 4404, reason: 'binary reclaimed server-id' };
export const CLAIMED: Close = { closeCode: 4409, reason: 'server-id already claimed' };
export const AT_CAP: Close = { closeCode: 4429, reason: 'too many phones for server-id' };
export const SILENT: Close = { closeCode: 1011, reason: 'heartbeat timeout' };
export const ILLEGAL: Close = { closeCode: 1011, reason: 'illegal close code' };
export const SHUTDOWN: Close = { closeCode: 1001, reason: 'shutting down' };

export type ServerRun = ChartRun<typeof serverMachine>;

export const startServer = (maxPhones = 16, serverId = 's1'): ServerRun =>
  runChart((clock) =>
    createActor(serverMachine, {
      clock,
      input: { serverId, maxPhones, timing: { graceMs: GRACE_MS, probeTimeoutMs: PROBE_TIMEOUT_MS } },
    }),
  );

/** `prefix1` to `prefixN`. */
export const ids = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

// What it is told.
export const claim = (connId: string): ServerEvent => ({ type: 'binary.claimed', connId });
export const answer = (connId: string): ServerEvent => ({ type: 'binary.answered', connId });
export const leave = (connId: string): ServerEvent => ({ type: 'binary.left', connId });
export const register = (connId: string): ServerEvent => ({ type: 'phone.registered', connId });
export const unregister = (connId: string): ServerEvent => ({ type: 'phone.unregistered', connId });
export const unheard = (connId: string): ServerEvent => ({ type: 'phone.unheard', connId });
export const dismiss = (connId: string, closeCode: number): ServerEvent => ({
  type: 'phone.dismissed',
  connId,
  closeCode,
});
export const end = (connId: string, binaryId: string, closeCode: number): ServerEvent => ({
  type: 'phone.ended',
  connId,
  binaryId,
  closeCode,
});
export const DRAIN: ServerEvent = { type: 'drain' };

// What it is expected to say.
export const admitted = (connId: string, kind: ClaimKind): ServerEmitted => ({
  type: 'binary.admitted',
  connId,
  kind,
});
export const refused = (connId: string, close: Close): ServerEmitted => ({
  type: 'binary.refused',
  connId,
  close,
});
export const probed = (connId: string): ServerEmitted => ({ type: 'binary.probed', connId });
export const holderEvicted = (connId: string, close: Close, flush: boolean): ServerEmitted => ({
  type: 'binary.evicted',
  connId,
  close,
  flush,
});
export const phoneAdmitted = (connId: string, binaryId: string): ServerEmitted => ({
  type: 'phone.admitted',
  connId,
  binaryId,
});
export const phoneRefused = (connId: string, close: Close): ServerEmitted => ({
  type: 'phone.refused',
  connId,
  close,
});
export const phoneEvicted = (
  connId: string,
  close: Close,
  cause: EvictionCause,
  flush = false,
): ServerEmitted => ({ type: 'phone.evicted', connId, close, cause, flush });
export const noticeDue = (connId: string, binaryId: string, closeCode: number): ServerEmitted => ({
  type: 'notice.due',
  connId,
  binaryId,
  closeCode,
});
export const noticeLost = (connId: string, binaryId: string, closeCode: number): ServerEmitted => ({
  type: 'notice.lost',
  connId,
  binaryId,
  closeCode,
});
export const GRACE_STARTED: ServerEmitted = { type: 'grace.started' };
export const GRACE_EXPIRED: ServerEmitted = { type: 'grace.expired' };
