/**
 * The closes that a connection decides by itself: what the peer is sent, what is logged, and what its binary is told. The chart
 * says when, and its actions carry them out.
 */
import {
  BINARY_BACKLOG_FULL,
  BINARY_WRITE_FAILED,
  type Close,
  GOING_AWAY_CODE,
  HEARTBEAT_TIMEOUT,
  INTERNAL_ERROR,
  NOT_JSON,
  NOT_UTF8,
  PHONE_BACKLOG_FULL,
  PHONE_WRITE_FAILED,
  RELAY_BACKLOG_FULL,
  TOKEN_REVOKED,
  TOO_MANY_BROKEN_ENVELOPES,
  TOO_MANY_CONTROL_FRAMES,
} from '../protocol/close-codes.ts';
import type { Role } from '../protocol/routing-headers.ts';
import type { CloseCause, Rejection } from './connection-messages.ts';

/** Its backlog is dropped, and the binary is told at once. */
export interface Decision {
  /** Null if we send no close frame: TCP is cut, or the WebSocket layer has already sent one. */
  readonly close: Close | null;
  readonly cause: CloseCause;
  /** Code for the notice: the code sent to the phone, except where the spec requires 1001 (section 2). */
  readonly noticeCode: number;
}

type ClosingDecision = Decision & { readonly close: Close };

const decision = (close: Close, cause: CloseCause, noticeCode = close.closeCode): ClosingDecision => ({
  close,
  cause,
  noticeCode,
});

export const SILENT = decision(HEARTBEAT_TIMEOUT, 'heartbeat_timeout');
export const FAULTY = decision(INTERNAL_ERROR, 'internal_error');
export const REVOKED = decision(TOKEN_REVOKED, 'token_revoked');
export const VIOLATED: Decision = { close: null, cause: 'protocol_error', noticeCode: GOING_AWAY_CODE };
export const MESSAGE_STALLED: Decision = {
  close: null,
  cause: 'message_stalled',
  noticeCode: GOING_AWAY_CODE,
};
export const PHONE_STALLED = decision(PHONE_WRITE_FAILED, 'write_stalled');
export const BINARY_STALLED = decision(BINARY_WRITE_FAILED, 'write_stalled');
/** A frame did not fit the phone's own backlog, or its binary's queue. */
export const OVERFLOWS: Readonly<Record<Role, Decision>> = {
  phone: decision(PHONE_BACKLOG_FULL, 'backlog_full'),
  binary: decision(BINARY_BACKLOG_FULL, 'backlog_full'),
};
export const SHED = decision(RELAY_BACKLOG_FULL, 'relay_backlog_full');
export const REJECTIONS: Readonly<Record<Rejection, ClosingDecision>> = {
  not_json: decision(NOT_JSON, 'not_json', GOING_AWAY_CODE),
  not_utf8: decision(NOT_UTF8, 'not_utf8', GOING_AWAY_CODE),
  broken_envelopes: decision(TOO_MANY_BROKEN_ENVELOPES, 'broken_envelopes'),
  control_frames: decision(TOO_MANY_CONTROL_FRAMES, 'control_frames', GOING_AWAY_CODE),
};
