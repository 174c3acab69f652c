/** Decides when one socket is read: not while back-pressure pauses it, and no more than its share in one turn. */
import { WebSocket } from 'ws';
import { READ_SHARE_BYTES } from '../protocol/limits.ts';
import type { Lane, Reader, Turn } from './turn.ts';

/** One lane for all that are closing: a refused peer that floods on must not delay those that are served. */
const LEAVING: Lane = {};

export class SocketReader implements Reader {
  readonly #ws: WebSocket;
  readonly #turn: Turn;
  #lane: Lane;
  #isPaused = false;
  #isQueued = false;
  #queuedAtMs = 0;
  #waitedMs = 0;
  /** The turn in which `#readBytes` were read. */
  #countedTurn = 0;
  #readBytes = 0;

  /** @param lane fairness group: phones use their server-id; defaults to the socket alone */
  constructor(ws: WebSocket, turn: Turn, lane: Lane = ws) {
    this.#ws = ws;
    this.#turn = turn;
    this.#lane = lane;
  }

  get lane(): Lane {
    return this.#lane;
  }

  /** True while back-pressure pauses it. Waiting for its turn does not count. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Total time spent waiting for turns: no fault of the peer, so deadlines leave it out. */
  waitedMs(nowMs: number): number {
    return this.#waitedMs + (this.#isQueued ? nowMs - this.#queuedAtMs : 0);
  }

  /** Moves to the lane of those that are closing. */
  leave(): void {
    this.#lane = LEAVING;
  }

  /** @returns whether it was read until now */
  pause(): boolean {
    if (this.#isPaused) return false;
    this.#isPaused = true;
    this.#apply();
    return true;
  }

  /**
   * Takes a turn first: a binary resumes all its phones together, and they are read one after the other.
   * @returns whether it was paused until now
   */
  resume(): boolean {
    if (!this.#isPaused) return false;
    this.#isPaused = false;
    this.#awaitTurn();
    return true;
  }

  /**
   * Counts bytes that were read. A socket that has read its share waits for its lane's next turn: Node would go on reading it
   * up to 2 MiB while all others wait.
   */
  count(bytes: number): void {
    if (this.#turn.count !== this.#countedTurn) {
      this.#countedTurn = this.#turn.count;
      this.#readBytes = 0;
    }
    this.#readBytes += bytes;
    if (this.#readBytes >= READ_SHARE_BYTES) this.#awaitTurn();
  }

  takeTurn(): boolean {
    this.#waitedMs = this.waitedMs(performance.now());
    this.#isQueued = false;
    this.#apply();
    return !this.#isPaused && this.#ws.readyState !== WebSocket.CLOSED;
  }

  #awaitTurn(): void {
    const isQueuedAlready = this.#isQueued;
    if (!isQueuedAlready) this.#queuedAtMs = performance.now();
    this.#isQueued = true;
    this.#apply();
    if (!isQueuedAlready) this.#turn.queue(this);
  }

  #apply(): void {
    // Paused again each time: after a protocol error ws resumes the socket under it, whatever was said before.
    if (this.#isPaused || this.#isQueued) this.#ws.pause();
    else if (this.#ws.isPaused) this.#ws.resume();
  }
}
