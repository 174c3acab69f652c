/**
 * Connections that are not upgraded or answered yet: bounded in number, and by one deadline from accept that no byte extends. It
 * covers what the steps' own deadlines do not: their sum, and a connection that is kept after its answer.
 */
import type { Socket } from 'node:net';
import { FullestGroup } from '../admission/fullest-group.ts';
import { subscriberOf } from '../protocol/peer-address.ts';
import { peerOf } from './peer-of.ts';

export interface UnfinishedOptions {
  readonly deadlineMs: number;
  /** Asked at each accept, as it depends on what else holds descriptors. */
  readonly maxConnections: () => number;
  /** Called before the socket is destroyed: one of too many, or one that was not in time. */
  readonly onEnded: (limit: 'unfinished' | 'deadline', socket: Socket) => void;
}

export class UnfinishedConnections {
  readonly #options: UnfinishedOptions;
  /** When each must be finished. All have the same time, so the oldest is first. */
  readonly #deadlines = new Map<Socket, number>();
  readonly #bySubscriber = new FullestGroup<Socket>();
  /** The same for all sockets, and it stays on each. */
  readonly #onClose: (this: Socket) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: UnfinishedOptions) {
    this.#options = options;
    const finish = (socket: Socket): void => this.finish(socket);
    this.#onClose = function onClose() {
      finish(this);
    };
  }

  get size(): number {
    return this.#deadlines.size;
  }

  /**
   * A connection was accepted. Too many, and the oldest of the subscriber that has most is closed: one address that floods pushes
   * out its own, and of a flood from many addresses the oldest go first, while those who are in earnest are soon finished.
   */
  take(socket: Socket): void {
    const { deadlineMs, maxConnections } = this.#options;
    const mayStay = Math.max(1, maxConnections());
    while (this.#deadlines.size >= mayStay && this.endOne());
    this.#deadlines.set(socket, performance.now() + deadlineMs);
    this.#bySubscriber.add(subscriberOf(peerOf(socket).address), socket);
    socket.on('close', this.#onClose);
    this.#arm();
  }

  /**
   * A PROXY header has named its client. Until then it counts as the proxy's: a client that floods would push out all others
   * behind the same proxy.
   */
  regroup(socket: Socket): void {
    if (!this.#deadlines.has(socket)) return;
    this.#bySubscriber.remove(socket);
    this.#bySubscriber.add(subscriberOf(peerOf(socket).address), socket);
  }

  /** Closes the oldest of the subscriber that has most. @returns false if there is none */
  endOne(): boolean {
    const surplus = this.#bySubscriber.oldestOfFullest();
    if (surplus === undefined) return false;
    this.#end('unfinished', surplus);
    return true;
  }

  /** It was upgraded, or has closed. */
  finish(socket: Socket): void {
    this.#forget(socket);
    if (this.#deadlines.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #forget(socket: Socket): void {
    this.#deadlines.delete(socket);
    this.#bySubscriber.remove(socket);
  }

  #end(limit: 'unfinished' | 'deadline', socket: Socket): void {
    this.#forget(socket);
    this.#options.onEnded(limit, socket);
    socket.destroy();
  }

  /** One timer for all, for the oldest. */
  #arm(): void {
    const [oldestMs] = this.#deadlines.values();
    if (this.#timer !== undefined || oldestMs === undefined) return;
    // Rounded up, so that it is past the deadline and not just before it.
    const waitMs = Math.max(1, Math.ceil(oldestMs - performance.now()));
    this.#timer = setTimeout(() => {
      // Runs after the poll phase: after a stall of the event loop, what was sent in time still waits in the kernel.
      setImmediate(() => {
        this.#timer = undefined;
        this.#expire();
        this.#arm();
      });
    }, waitMs).unref();
  }

  #expire(): void {
    const nowMs = performance.now();
    for (const [socket, deadlineMs] of this.#deadlines) {
      if (deadlineMs > nowMs) break;
      this.#end('deadline', socket);
    }
  }
}
