/**
 * Stops ws between two frames of one read. By itself ws parses all it was given at once, and one read of 64 KiB can be 9,000
 * messages. Besides `ws-receiver.ts`, the only place that touches private state of ws: it wraps two methods of the receiver.
 * `test/transport/ws-frame-stop.test.ts` fails if an upgrade changes them.
 */
import type { WebSocket } from 'ws';

/** ws 8.23 `lib/receiver.js`: 0 is GET_INFO, waiting for the first byte of a frame. */
const GET_INFO = 0;
/** With this opcode in state GET_INFO, the receiver ignores all further bytes: a close frame has been read. */
const CLOSE_OPCODE = 8;

/** Completes a write to the receiver. */
type Done = (error?: Error | null) => void;

interface Receiver {
  /** Ends with the current frame when false. */
  _loop: boolean;
  _state: number;
  _opcode: number;
  _bufferedBytes: number;
  _buffers: readonly unknown[];
  /** Reads the payload of one frame. Clears `_loop` if the frame is incomplete, faulty or a close frame. */
  getData: (done: Done) => void;
  /** Parses what is buffered, then calls `done`. */
  startLoop: (done: Done) => void;
}

const isReceiver = (receiver: unknown): receiver is Receiver =>
  typeof receiver === 'object' &&
  receiver !== null &&
  '_loop' in receiver &&
  '_state' in receiver &&
  '_opcode' in receiver &&
  '_bufferedBytes' in receiver &&
  '_buffers' in receiver &&
  'getData' in receiver &&
  typeof receiver.getData === 'function' &&
  'startLoop' in receiver &&
  typeof receiver.startLoop === 'function';

export interface FrameStop {
  /** True while bytes wait to be parsed. The receiver accepts no others meanwhile, and ws does not report the end. */
  readonly isHolding: boolean;
  /** Parses on, up to the next stop. */
  goOn(): void;
  /** Drops what waits, and then whatever else arrives. Does nothing if nothing waits. */
  discard(): void;
}

/**
 * @param mayGoOn called after each frame, a fragment or a control frame included; false stops before the next one
 * @throws TypeError if this version of ws parses in another way
 */
export const stopBetweenFrames = (ws: WebSocket, mayGoOn: () => boolean): FrameStop => {
  const receiver: unknown = Reflect.get(ws, '_receiver');
  if (!isReceiver(receiver)) throw new TypeError('the receiver of ws parses in another way');
  const { getData, startLoop } = receiver;
  let isStopped = false;
  let held: Done | undefined;
  receiver.getData = (done) => {
    getData.call(receiver, done);
    if (!receiver._loop || mayGoOn() || receiver._bufferedBytes === 0) return;
    isStopped = true;
    receiver._loop = false;
  };
  // The write stays incomplete while bytes wait: so ws passes on no other bytes, and does not report an end before its messages.
  receiver.startLoop = (done) => {
    isStopped = false;
    startLoop.call(receiver, (error) => {
      if (isStopped) held = done;
      else done(error);
    });
  };
  return {
    get isHolding() {
      return held !== undefined;
    },
    goOn: () => {
      const done = held;
      held = undefined;
      if (done !== undefined) receiver.startLoop(done);
    },
    discard: () => {
      const done = held;
      if (done === undefined) return;
      held = undefined;
      receiver._buffers = [];
      receiver._bufferedBytes = 0;
      receiver._opcode = CLOSE_OPCODE;
      receiver._state = GET_INFO;
      done();
    },
  };
};
