/**
 * Stops ws between two frames of one read. By itself ws parses all it was given at once, and one read of 64 KiB can be 9,000
 * messages. It wraps two methods of ws's receiver. `test/transport/ws-frame-stop.test.ts` fails if an upgrade changes them.
 */
import type { WebSocket } from 'ws';
import { type Done, GET_INFO, receiverOf } from './ws-receiver.ts';

/** With this opcode in state GET_INFO, the receiver ignores all further bytes: a close frame has been read. */
const CLOSE_OPCODE = 8;

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
 * @throws TypeError if this version of ws keeps its state elsewhere
 */
export const stopBetweenFrames = (ws: WebSocket, mayGoOn: () => boolean): FrameStop => {
  const receiver = receiverOf(ws);
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
