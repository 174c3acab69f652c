/**
 * The one place that reads private state of `ws`. The message deadline must know whether a message is incomplete, which ws
 * does not expose. `test/transport/ws-receiver.test.ts` fails if an upgrade changes this state.
 */
import type { WebSocket } from 'ws';

/** ws 8.23 `lib/receiver.js`: 0 is GET_INFO, waiting for the first byte of a frame. */
const GET_INFO = 0;

interface ReceiverState {
  readonly _state: number;
  readonly _bufferedBytes: number;
  readonly _fragmented: number;
  readonly _opcode: number;
}

const hasReceiverState = (receiver: unknown): receiver is ReceiverState =>
  typeof receiver === 'object' &&
  receiver !== null &&
  '_state' in receiver &&
  '_bufferedBytes' in receiver &&
  '_fragmented' in receiver &&
  '_opcode' in receiver;

/** Opcodes from here up are control frames, which may interrupt a message (RFC 6455 section 5.5). */
const FIRST_CONTROL_OPCODE = 8;

const receiverOf = (ws: WebSocket): ReceiverState => {
  const receiver: unknown = Reflect.get(ws, '_receiver');
  if (!hasReceiverState(receiver)) throw new TypeError('ws keeps the state of its receiver elsewhere');
  return receiver;
};

/**
 * Whether a data message has begun. If so, complete control frames are not progress of it.
 * @throws if this version of ws keeps its state elsewhere
 */
export const hasPartialData = (ws: WebSocket): boolean => {
  const { _fragmented, _state, _opcode } = receiverOf(ws);
  return _fragmented !== 0 || (_state !== GET_INFO && _opcode < FIRST_CONTROL_OPCODE);
};

/**
 * Whether part of a message or frame has been read and the rest has not.
 * @throws if this version of ws keeps its state elsewhere
 */
export const hasPartialMessage = (ws: WebSocket): boolean => {
  const receiver = receiverOf(ws);
  return receiver._state !== GET_INFO || receiver._bufferedBytes > 0 || receiver._fragmented !== 0;
};
