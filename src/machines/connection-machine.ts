/**
 * One socket. Owns its heartbeat and the manner of its closing (spec sections 4 and 5): what is still sent, how
 * long the close frame may take, when TCP is cut. It never sees the socket: it is told what happened to it, and
 * emits what is due. Whether the connection may stay is the server chart's decision, which arrives as `close`.
 */
import { assign, emit, enqueueActions, setup } from 'xstate';
import {
  ABNORMAL_CLOSURE_CODE,
  BINARY_WRITE_FAILED,
  type Close,
  GOING_AWAY_CODE,
  HEARTBEAT_TIMEOUT,
  PHONE_WRITE_FAILED,
} from '../protocol/close-codes.ts';
import type {
  CloseCause,
  CloseOrder,
  ConnectionContext,
  ConnectionEmitted,
  ConnectionEvent,
  ConnectionInput,
} from './connection-messages.ts';

/** The one shape of a close the connection decides itself: drop what waits, get the code out. */
const drop = (
  close: Close | null,
  cause: CloseCause,
  notice: CloseOrder['notice'] = 'asClosed',
): CloseOrder => ({
  close,
  cause,
  flush: false,
  notice,
});

const noticeCode = ({ binaryId, order }: ConnectionContext, closeCode: number): number | null => {
  if (binaryId === null || order?.notice === 'none') return null;
  const isUnknown = closeCode === ABNORMAL_CLOSURE_CODE || order?.notice === 'goingAway';
  return isUnknown ? GOING_AWAY_CODE : closeCode;
};

const chart = setup({
  types: {
    context: {} as ConnectionContext,
    events: {} as ConnectionEvent,
    emitted: {} as ConnectionEmitted,
    input: {} as ConnectionInput,
  },
  delays: {
    heartbeatInterval: ({ context }) => context.timing.heartbeatIntervalMs,
    heartbeatTimeout: ({ context }) => context.timing.heartbeatTimeoutMs,
    flushTimeout: ({ context }) => context.timing.flushTimeoutMs,
    closeWriteTimeout: ({ context }) => context.timing.closeWriteTimeoutMs,
    closeAnswerTimeout: ({ context }) => context.timing.closeAnswerTimeoutMs,
  },
  guards: {
    mustFlush: ({ context }) => context.order?.flush === true,
    isBinary: ({ context }) => context.role === 'binary',
  },
  actions: {
    rememberBinary: assign({ binaryId: (_, { binaryId }: { readonly binaryId: string }) => binaryId }),
    orderClose: assign({
      order: (_, { close, cause, flush, notice }: CloseOrder) => ({ close, cause, flush, notice }),
      cause: (_, { cause }: CloseOrder) => cause,
    }),
    rememberCause: assign({ cause: (_, { cause }: { readonly cause: CloseCause }) => cause }),
    sendPing: emit({ type: 'ping.due' }),
    // A refused connection was never part of its server-id, so it has nothing to leave.
    leave: enqueueActions(({ context, enqueue }) => {
      const wasRefused = context.binaryId === null && context.order !== null;
      if (!wasRefused) enqueue.emit({ type: 'connection.left', cause: context.cause });
    }),
    flushBacklog: emit({ type: 'flush.due' }),
    sendClose: enqueueActions(({ context, enqueue }) => {
      const close = context.order?.close;
      if (close !== undefined && close !== null) enqueue.emit({ type: 'close.due', close });
    }),
    endSocket: emit({ type: 'end.due' }),
    cutSocket: emit({ type: 'cut.due' }),
    end: emit(({ context }, { closeCode }: { readonly closeCode: number }) => ({
      type: 'connection.ended' as const,
      binaryId: context.binaryId,
      closeCode,
      noticeCode: noticeCode(context, closeCode),
    })),
  },
});

const waiting = chart.createStateConfig({
  description: 'Upgraded, but not admitted yet: no heartbeat, nothing forwarded.',
  on: {
    admitted: { target: 'open', actions: { type: 'rememberBinary', params: ({ event }) => event } },
    close: { target: 'closing', actions: { type: 'orderClose', params: ({ event }) => event } },
    'peer.closing': 'closing.finishing',
    'protocol.violated': {
      target: 'closing.objecting',
      actions: { type: 'rememberCause', params: { cause: 'protocol_error' } },
    },
    'socket.closed': { target: 'ended', actions: ['leave', { type: 'end', params: ({ event }) => event }] },
  },
});

const open = chart.createStateConfig({
  description: 'Part of its server-id.',
  initial: 'quiet',
  states: {
    quiet: {
      description: 'The last pong came in time.',
      after: { heartbeatInterval: 'awaitingPong' },
      on: { 'socket.paused': 'suspended' },
    },
    awaitingPong: {
      description: 'Pinged, not answered yet.',
      entry: 'sendPing',
      after: {
        heartbeatTimeout: {
          target: '#connection.closing',
          actions: { type: 'orderClose', params: drop(HEARTBEAT_TIMEOUT, 'heartbeat_timeout') },
        },
      },
      on: { 'pong.received': 'quiet', 'socket.paused': 'suspended' },
    },
    suspended: {
      description: 'The relay is not reading this socket, so it cannot hear a pong: no deadline runs.',
      on: { 'socket.resumed': 'quiet' },
    },
  },
  on: {
    'message.stalled': {
      target: 'closing.cut',
      actions: { type: 'orderClose', params: drop(null, 'message_stalled', 'goingAway') },
    },
    'write.stalled': [
      {
        guard: 'isBinary',
        target: 'closing',
        actions: { type: 'orderClose', params: drop(BINARY_WRITE_FAILED, 'write_stalled') },
      },
      {
        target: 'closing',
        actions: { type: 'orderClose', params: drop(PHONE_WRITE_FAILED, 'write_stalled') },
      },
    ],
    'backlog.overflowed': {
      target: 'closing',
      actions: {
        type: 'orderClose',
        params: ({ event }) => drop(event.close, 'backlog_full', event.notice),
      },
    },
    'message.rejected': {
      target: 'closing',
      actions: { type: 'orderClose', params: ({ event }) => drop(event.close, event.cause, 'goingAway') },
    },
    close: { target: 'closing', actions: { type: 'orderClose', params: ({ event }) => event } },
    'peer.closing': 'closing.finishing',
    'protocol.violated': {
      target: 'closing.objecting',
      actions: { type: 'rememberCause', params: { cause: 'protocol_error' } },
    },
    'socket.closed': { target: 'ended', actions: ['leave', { type: 'end', params: ({ event }) => event }] },
  },
});

const closing = chart.createStateConfig({
  description: 'On its way out; nothing it sends is forwarded any more.',
  entry: 'leave',
  initial: 'starting',
  states: {
    starting: {
      description: 'Is anything to be sent before the close frame?',
      always: [{ guard: 'mustFlush', target: 'flushing' }, { target: 'writing' }],
    },
    flushing: {
      description: 'What waited for this connection is being sent.',
      entry: 'flushBacklog',
      after: { flushTimeout: 'writing' },
      on: { 'backlog.flushed': 'writing', 'write.stalled': 'writing' },
    },
    writing: {
      description: 'The close frame is on its way out.',
      entry: 'sendClose',
      after: { closeWriteTimeout: 'cut' },
      on: { 'close.written': 'answering' },
    },
    finishing: {
      description:
        'The peer has closed and was answered: it is for the server to end TCP first (RFC 6455 section 7.1.1).',
      entry: 'endSocket',
      after: { closeWriteTimeout: 'cut' },
    },
    objecting: {
      description: 'The WebSocket layer is sending word of a protocol error, in a close frame of its own.',
      after: { closeWriteTimeout: 'answering' },
    },
    answering: {
      description: "The close frame is out; the peer's answer, and the end of TCP, are awaited.",
      after: { closeAnswerTimeout: 'cut' },
    },
    cut: { description: 'The peer had its time: TCP is torn down.', entry: 'cutSocket' },
  },
  on: {
    'socket.closed': { target: 'ended', actions: { type: 'end', params: ({ event }) => event } },
  },
});

export const connectionContext = (input: ConnectionInput): ConnectionContext => ({
  ...input,
  binaryId: null,
  order: null,
  cause: 'peer',
});

export const connectionMachine = chart.createMachine({
  id: 'connection',
  description: 'One socket: its heartbeat, and the manner of its closing.',
  context: ({ input }) => connectionContext(input),
  initial: 'waiting',
  states: {
    waiting,
    open,
    closing,
    ended: { type: 'final', description: 'TCP has ended; the actor with it.' },
  },
});
