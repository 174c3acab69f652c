/** The delays, guards and actions of the connection chart. */
import { assign, emit, enqueueActions, sendParent, setup } from 'xstate';
import { ABNORMAL_CLOSURE_CODE, type Close, GOING_AWAY_CODE } from '../protocol/close-codes.ts';
import type { Decision } from './connection-decisions.ts';
import type {
  Admission,
  CloseCause,
  CloseOrder,
  ConnectionContext,
  ConnectionEmitted,
  ConnectionEvent,
  ConnectionInput,
} from './connection-messages.ts';
import type { ClosingReport, DirectoryRequest } from './directory-request.ts';
import type { ServerEvent } from './server-messages.ts';

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
