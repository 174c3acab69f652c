/**
 * Stops ws between two frames of one read. By itself ws parses all it was given at once, and one read of 64 KiB can be 9,000
 * messages. It replaces two methods of ws's receiver, the same for all. `test/transport/ws-frame-stop.test.ts` fails if an
 * upgrade changes them.
 */
import type { WebSocket } from 'ws';
import { forgetEntries } from './dropped-list.ts';
import { type Done, forgetMessage, GET_INFO, type Receiver, receiverOf } from './ws-receiver.ts';

/** With this opcode in state GET_INFO, the receiver ignores all further bytes: a close frame has been read. */
const CLOSE_OPCODE = 8;

export interface FrameRule {
  /** Called with the length of a read before it is parsed; false leaves it for `goOn`. */
  mayStart(readBytes: number): boolean;
  /** Called after each frame, a fragment or a control frame included; false stops before the next one. */
  mayGoOn(): boolean;
}

const STOP = Symbol('frame stop');

interface StoppableReceiver extends Receiver {
  [STOP]?: FrameStop;
}

const stopOf = (receiver: StoppableReceiver): FrameStop => {
  const stop = receiver[STOP];
  if (stop === undefined) throw new TypeError('this receiver has no stop');
  return stop;
};

function getDataAndStop(this: StoppableReceiver, done: Done): void {
  stopOf(this).getData(done);
}

function startStoppableLoop(this: StoppableReceiver, done: Done): void {
  stopOf(this).startLoop(done);
}

export class FrameStop {
  readonly #receiver: StoppableReceiver;
  readonly #rule: FrameRule;
  readonly #getData: Receiver['getData'];
  readonly #startLoop: Receiver['startLoop'];
  #isStopped = false;
  #held: Done | undefined;

  /** @throws TypeError if this version of ws keeps its state elsewhere */
  constructor(ws: WebSocket, rule: FrameRule) {
    const receiver: StoppableReceiver = receiverOf(ws);
    this.#receiver = receiver;
    this.#rule = rule;
    this.#getData = receiver.getData;
    this.#startLoop = receiver.startLoop;
    receiver[STOP] = this;
    receiver.getData = getDataAndStop;
    receiver.startLoop = startStoppableLoop;
  }

  /** True while bytes wait to be parsed. The receiver accepts no others meanwhile, and ws does not report the end. */
  get isHolding(): boolean {
    return this.#held !== undefined;
  }

  /** The receiver's own, but for the stop. */
  getData(done: Done): void {
    const receiver = this.#receiver;
    const fragments = receiver._fragments;
    this.#getData.call(receiver, done);
    // The message has been handled.
    if (receiver._fragments !== fragments) forgetEntries(fragments);
    if (!receiver._loop || this.#rule.mayGoOn() || receiver._bufferedBytes === 0) return;
    this.#isStopped = true;
    receiver._loop = false;
  }

  /**
   * The receiver's own, but for the stop: the write stays incomplete while bytes wait. So ws passes on no other bytes, and does
   * not report an end before its messages.
   */
  startLoop(done: Done): void {
    // ws has just added it.
    const readBytes = this.#receiver._buffers.at(-1)?.length ?? 0;
    if (this.#rule.mayStart(readBytes)) this.#parse(done);
    else this.#held = done;
  }

  #parse(done: Done): void {
    this.#isStopped = false;
    this.#renewBuffers();
    this.#startLoop.call(this.#receiver, (error) => {
      if (this.#isStopped) this.#held = done;
      else done(error);
    });
  }

  /** What an earlier read has left is in an old list by now, and the last read was added to it. */
  #renewBuffers(): void {
    const receiver = this.#receiver;
    const buffers = receiver._buffers;
    if (buffers.length < 2) return;
    receiver._buffers = buffers.slice();
    forgetEntries(buffers);
  }

  /** Parses on, up to the next stop. */
  goOn(): void {
    const done = this.#held;
    this.#held = undefined;
    if (done !== undefined) this.#parse(done);
  }

  /** Drops what waits, and then whatever else arrives. @returns false if nothing waits */
  discard(): boolean {
    const done = this.#held;
    if (done === undefined) return false;
    this.#held = undefined;
    const receiver = this.#receiver;
    receiver._buffers = [];
    receiver._bufferedBytes = 0;
    forgetMessage(receiver);
    receiver._opcode = CLOSE_OPCODE;
    receiver._state = GET_INFO;
    done();
    return true;
  }
}
