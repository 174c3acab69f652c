/** The delays, guards and actions of the connection chart. */
import { assign, emit, enqueueActions, sendParent, setup } from 'xstate';
import {
  ABNORMAL_CLOSURE_CODE,
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
import type {
  Admission,
  CloseCause,
  CloseOrder,
  ConnectionContext,
  ConnectionEmitted,
  ConnectionEvent,
  ConnectionInput,
  Rejection,
} from './connection-messages.ts';
import type { ClosingReport, DirectoryRequest } from './directory-request.ts';
import type { ServerEvent } from './server-messages.ts';

/** A close that the connection decides by itself. Its backlog is dropped, and the binary is told at once. */
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

/** Asks the directory, which is the parent, to pass `event` to this connection's server. */
const tell = ({ serverId }: ConnectionContext, event: ServerEvent): DirectoryRequest => ({
  type: 'tell.server',
  serverId,
  event,
});

const left = (context: ConnectionContext): DirectoryRequest =>
  tell(context, { type: `${context.role}.left`, connId: context.connId });

const ended = (context: ConnectionContext, closeCode: number): DirectoryRequest => {
  const { connId, binaryId } = context;
  if (binaryId === null) throw new Error('a notice is owed for a phone that was never admitted');
  return tell(context, { type: 'phone.ended', connId, binaryId, closeCode });
};

export const connectionSetup = setup({
  types: {
    context: {} as ConnectionContext,
    events: {} as ConnectionEvent,
    emitted: {} as ConnectionEmitted,
    input: {} as ConnectionInput,
  },
  delays: {
    firstHeartbeat: ({ context }) => context.firstHeartbeatMs,
    heartbeatInterval: ({ context }) => context.timing.heartbeatIntervalMs,
    heartbeatTimeout: ({ context }) => context.timing.heartbeatTimeoutMs,
    flushTimeout: ({ context }) => context.timing.flushTimeoutMs,
    closeWriteTimeout: ({ context }) => context.timing.closeWriteTimeoutMs,
    closeAnswerTimeout: ({ context }) => context.timing.closeAnswerTimeoutMs,
  },
  guards: {
    mustFlush: ({ context }) => context.order?.flush === true,
    isBinary: ({ context }) => context.role === 'binary',
    owesNotice: ({ context }) => context.isNoticeOwed,
  },
  actions: {
    join: assign({
      binaryId: (_, { binaryId }: { readonly binaryId: string }) => binaryId,
      isNoticeOwed: ({ context }) => context.role === 'phone',
    }),
    reportAdmitted: emit(
      (_, { binaryId, admission }: { readonly binaryId: string; readonly admission: Admission }) => ({
        type: 'connection.admitted' as const,
        binaryId,
        admission,
      }),
    ),
    takeRefusal: enqueueActions(({ enqueue }, { close }: { readonly close: Close }) => {
      enqueue.assign({ order: { close, flush: false } });
      enqueue.emit({ type: 'connection.refused', close });
    }),
    orderClose: assign({ order: (_, { close }: { readonly close: Close }) => ({ close, flush: false }) }),
    takeOrder: assign({
      order: (_, { close, flush }: CloseOrder & { readonly isNoticeOwed: boolean }) => ({ close, flush }),
      isNoticeOwed: ({ context }, params) => context.isNoticeOwed && params.isNoticeOwed,
    }),
    /** Tells the server that the connection leaves. It did not order this close, so it still lists the connection. */
    leave: enqueueActions(({ context, enqueue }, { cause }: { readonly cause: CloseCause }) => {
      enqueue.emit({ type: 'connection.left', cause });
      enqueue.sendParent(left(context));
    }),
    giveUp: enqueueActions(({ context, enqueue }, { close, cause, noticeCode }: Decision) => {
      enqueue.assign({ order: close && { close, flush: false }, isNoticeOwed: false });
      enqueue.emit({ type: 'connection.left', cause });
      enqueue.sendParent(left(context));
      // The last frame has been forwarded, and nothing of this phone follows: the notice need not wait.
      if (context.isNoticeOwed) enqueue.sendParent(ended(context, noticeCode));
    }),
    /** The claimant closes before it is admitted. It must not get the slot later. */
    withdraw: sendParent(({ context }) => left(context)),
    reportLeft: emit((_, { cause }: { readonly cause: CloseCause }) => ({
      type: 'connection.left' as const,
      cause,
    })),
    giveNotice: sendParent(({ context }, { closeCode }: { readonly closeCode: number }) =>
      ended(context, closeCode === ABNORMAL_CLOSURE_CODE ? GOING_AWAY_CODE : closeCode),
    ),
    reportEnded: emit(({ context }, { closeCode }: { readonly closeCode: number }) => ({
      type: 'connection.ended' as const,
      closeCode,
      wasAdmitted: context.binaryId !== null,
    })),

    reportAnswer: sendParent(({ context }) =>
      tell(context, { type: 'binary.answered', connId: context.connId }),
    ),
    reportUnheard: sendParent(({ context }) =>
      tell(context, { type: 'phone.unheard', connId: context.connId }),
    ),
    passDirective: sendParent(
      (
        { context },
        params: { readonly connId: string; readonly closeCode: number; readonly isTooLong: boolean },
      ) => {
        const { connId, closeCode, isTooLong } = params;
        return tell(context, { type: 'phone.dismissed', connId, closeCode, isTooLong });
      },
    ),

    sendPing: emit({ type: 'ping.due' }),
    sendProbe: emit({ type: 'probe.due' }),
    sendNotice: emit((_, params: { readonly connId: string; readonly closeCode: number }) => ({
      type: 'notice.due' as const,
      connId: params.connId,
      closeCode: params.closeCode,
    })),
    reportClosing: sendParent(
      ({ context: { connId, serverId, binaryId } }): ClosingReport => ({
        type: 'connection.closing',
        connId,
        serverId,
        wasAdmitted: binaryId !== null,
      }),
    ),
    reportCutShort: emit(({ context }) => ({
      type: 'connection.cut_short' as const,
      wasAdmitted: context.binaryId !== null,
    })),
    discardInput: emit({ type: 'discard.due' }),
    flushBacklog: emit({ type: 'flush.due' }),
    sendClose: emit(({ context }) => {
      if (context.order === null) throw new Error('no close was ordered');
      return { type: 'close.due' as const, close: context.order.close };
    }),
    endSocket: emit({ type: 'end.due' }),
    cutSocket: emit({ type: 'cut.due' }),
  },
});
