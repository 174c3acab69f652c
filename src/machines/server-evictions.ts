/** How the server chart closes the connections on its list, by the reason. */
import {
  BINARY_RECLAIMED,
  type Close,
  HEARTBEAT_TIMEOUT,
  NO_SERVER,
  SHUTTING_DOWN,
} from '../protocol/close-codes.ts';
import type { CloseCause } from './connection-messages.ts';

export interface EvictionParams {
  readonly close: Close;
  readonly cause: CloseCause;
  /** True to send the backlog before the close frame; false to drop it. */
  readonly flush: boolean;
  /** Whether the binary must be told when the phone's socket has ended. */
  readonly isNoticeOwed: boolean;
}

/** Phones of a replaced binary must handshake again, so the new one inherits none (spec section 3, #127). */
export const RECLAIMED: EvictionParams = {
  close: BINARY_RECLAIMED,
  cause: 'reclaimed',
  flush: false,
  isNoticeOwed: false,
};
export const EXPIRED: EvictionParams = {
  close: NO_SERVER,
  cause: 'expired',
  flush: false,
  isNoticeOwed: false,
};
export const SHUTDOWN: EvictionParams = {
  close: SHUTTING_DOWN,
  cause: 'shutdown',
  flush: true,
  isNoticeOwed: false,
};
/** The holder did not answer the probe; a heartbeat would have ended the same way. */
export const DISPLACED: EvictionParams = {
  close: HEARTBEAT_TIMEOUT,
  cause: 'displaced',
  flush: false,
  isNoticeOwed: false,
};
