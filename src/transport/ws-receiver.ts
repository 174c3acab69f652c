/**
 * The private state of `ws` that we rely on: its receiver parses what is read, and does not expose what it has of an
 * incomplete message, nor can it be stopped. Only this file and `ws-frame-stop.ts` touch it.
 * `test/transport/ws-receiver.test.ts` fails if an upgrade changes this state.
 */
import type { WebSocket } from 'ws';

/** ws 8.23 `lib/receiver.js`: 0 is GET_INFO, waiting for the first byte of a frame. */
export const GET_INFO = 0;
const GET_PAYLOAD_LENGTH_16 = 1;
const GET_PAYLOAD_LENGTH_64 = 2;
const GET_MASK = 3;
const GET_DATA = 4;

/** Completes a write to the receiver. */
export type Done = (error?: Error | null) => void;

/** ws's receiver: a stream to which ws writes every read. */
export interface Receiver {
  _state: number;
  /** What was read and is not parsed. */
  _buffers: Buffer[];
  _bufferedBytes: number;
  /** The opcode of the message of which a fragment has been read; 0 without one. */
  _fragmented: number;
  /** The fragments of that message. */
  _fragments: Buffer[];
  _numFragments: number;
  _messageLength: number;
  _totalPayloadLength: number;
  /** Of the frame whose payload is being read: a view of the read that its header came in. */
  _mask: Buffer | undefined;
  /** Of the frame that is being read, or of the last one. */
  _opcode: number;
  readonly _payloadLength: number;
  /** Bytes of writes that have not completed; a write is incomplete while the parser is stopped. */
  readonly writableLength: number;
  /** Whether the parser is running; it ends at the next message, ping or pong if this is cleared. */
  _loop: boolean;
  readonly writable: boolean;
  write(chunk: Buffer): boolean;
  /** Reads the payload of one frame. Clears `_loop` if the frame is incomplete, faulty or a close frame. */
  getData: (done: Done) => void;
  /** Parses what is buffered, then calls `done`. */
  startLoop: (done: Done) => void;
}

const KEYS = [
  '_state',
  '_buffers',
  '_bufferedBytes',
  '_fragmented',
  '_fragments',
  '_numFragments',
  '_messageLength',
  '_totalPayloadLength',
  '_mask',
  '_opcode',
  '_payloadLength',
  '_loop',
] as const satisfies readonly (keyof Receiver)[];

const hasReceiverState = (receiver: unknown): receiver is Receiver =>
  typeof receiver === 'object' &&
  receiver !== null &&
  KEYS.every((key) => key in receiver) &&
  'getData' in receiver &&
  typeof receiver.getData === 'function' &&
  'startLoop' in receiver &&
  typeof receiver.startLoop === 'function';

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

/** Whether this is called from a listener of a message, a ping or a pong. */
export const isParsing = (receiver: Receiver): boolean => receiver._loop;

/** Ends the parser behind the message, ping or pong that is being handled. The rest stays in the receiver. */
export const stopParsing = (receiver: Receiver): void => {
  receiver._loop = false;
};

/** The pieces of which an incomplete message or frame consists. They can be replaced by others with the same bytes. */
export const piecesOf = ({ _buffers, _fragments }: Receiver): readonly [Buffer[], Buffer[]] => [
  _buffers,
  _fragments,
];

/**
 * Whether all that is not parsed is the begin of one frame's payload. When the rest has come, ws copies the payload out of its pieces
 * (`consume`): nobody refers to them then.
 */
export const isWithinPayload = ({ _state, _bufferedBytes, _payloadLength }: Receiver): boolean =>
  _state === GET_DATA && _bufferedBytes < _payloadLength;

/** Bytes of an incomplete message, and of what was read and is not parsed. */
export const keptBytes = ({ _bufferedBytes, _messageLength, writableLength }: Receiver): number =>
  // What is not parsed of a write is in both.
  Math.max(_bufferedBytes, writableLength) + _messageLength;

/** Where in a frame the receiver is. */
export type FramePosition =
  | { readonly at: 'frame' }
  /** `bytes`: how much of the length, 2 or 8 bytes, or of the mask and payload follows. */
  | { readonly at: 'length' | 'rest'; readonly bytes: number; readonly isControl: boolean };

const positionOf = (receiver: Receiver): FramePosition => {
  const isControl = !isInDataFrame(receiver);
  switch (receiver._state) {
    case GET_PAYLOAD_LENGTH_16:
      return { at: 'length', bytes: 2, isControl };
    case GET_PAYLOAD_LENGTH_64:
      return { at: 'length', bytes: 8, isControl };
    case GET_MASK:
      return { at: 'rest', bytes: 4 + receiver._payloadLength, isControl };
    case GET_DATA:
      return { at: 'rest', bytes: receiver._payloadLength, isControl };
    default:
      return { at: 'frame' };
  }
};

/** Drops the fragments of a message that has begun. */
export const forgetMessage = (receiver: Receiver): void => {
  receiver._fragmented = 0;
  receiver._fragments = [];
  receiver._numFragments = 0;
  receiver._messageLength = 0;
  receiver._totalPayloadLength = 0;
};

export interface Intake {
  /** Whether the receiver takes more: no close frame and no error was found. */
  readonly isOpen: () => boolean;
  readonly parse: (bytes: Buffer) => void;
}

/**
 * Gives all that follows, and all that is not parsed, to `read` instead of the parser. The message that has begun is
 * forgotten: only whole control frames may be parsed from now on.
 * @param read called once with where the bytes begin, to make the reader of the bytes
 */
export const divert = (
  receiver: Receiver,
  read: (position: FramePosition, intake: Intake) => (bytes: Buffer) => void,
): void => {
  const write = receiver.write.bind(receiver);
  const intake: Intake = { isOpen: () => receiver.writable, parse: (bytes) => void write(bytes) };
  const take = read(positionOf(receiver), intake);
  const unparsed = receiver._buffers;
  receiver._buffers = [];
  receiver._bufferedBytes = 0;
  forgetMessage(receiver);
  if (isInDataFrame(receiver)) receiver._state = GET_INFO;
  receiver.write = (bytes) => {
    take(bytes);
    return true;
  };
  for (const bytes of unparsed) take(bytes);
};
