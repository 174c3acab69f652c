/**
 * The one place that touches private state of `ws`: its receiver parses what is read, and does not expose what it has of an
 * incomplete message. `test/transport/ws-receiver.test.ts` fails if an upgrade changes this state.
 */
import type { WebSocket } from 'ws';

/** ws 8.23 `lib/receiver.js`: 0 is GET_INFO, waiting for the first byte of a frame. */
const GET_INFO = 0;

/** ws's receiver: a stream to which ws writes every read. */
export interface Receiver {
  readonly _state: number;
  /** What was read and is not parsed. */
  readonly _buffers: Buffer[];
  readonly _bufferedBytes: number;
  /** The opcode of the message of which a fragment has been read; 0 without one. */
  readonly _fragmented: number;
  /** The fragments of that message. */
  readonly _fragments: Buffer[];
  /** Of the frame that is being read, or of the last one. */
  readonly _opcode: number;
}

const KEYS = [
  '_state',
  '_buffers',
  '_bufferedBytes',
  '_fragmented',
  '_fragments',
  '_opcode',
] as const satisfies readonly (keyof Receiver)[];

const hasReceiverState = (receiver: unknown): receiver is Receiver =>
  typeof receiver === 'object' && receiver !== null && KEYS.every((key) => key in receiver);

/** @throws if this version of ws keeps its state elsewhere */
export const receiverOf = (ws: WebSocket): Receiver => {
  const receiver: unknown = Reflect.get(ws, '_receiver');
  if (!hasReceiverState(receiver)) throw new TypeError('ws keeps the state of its receiver elsewhere');
  return receiver;
};

/** Opcodes from here up are control frames, which may interrupt a message (RFC 6455 section 5.5). */
const FIRST_CONTROL_OPCODE = 8;

const isInDataFrame = ({ _state, _opcode }: Receiver): boolean =>
  _state !== GET_INFO && _opcode < FIRST_CONTROL_OPCODE;

/**
 * Whether a data message has begun. If so, complete control frames are not progress of it.
 * @throws if this version of ws keeps its state elsewhere
 */
export const hasPartialData = (ws: WebSocket): boolean => {
  const receiver = receiverOf(ws);
  return receiver._fragmented !== 0 || isInDataFrame(receiver);
};

/**
 * Whether part of a message or frame has been read and the rest has not.
 * @throws if this version of ws keeps its state elsewhere
 */
export const hasPartialMessage = (ws: WebSocket): boolean => {
  const receiver = receiverOf(ws);
  return receiver._state !== GET_INFO || receiver._bufferedBytes > 0 || receiver._fragmented !== 0;
};

/** The pieces of which an incomplete message or frame consists. They can be replaced by others with the same bytes. */
export const piecesOf = ({ _buffers, _fragments }: Receiver): readonly [Buffer[], Buffer[]] => [
  _buffers,
  _fragments,
];
