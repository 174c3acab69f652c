/** Decides when a socket is read: not while back-pressure pauses it, and at most its share per turn. */
import { WebSocket } from 'ws';
import { READ_SHARE_BYTES } from '../protocol/limits.ts';
import type { Lane, Reader, Turn } from './turn.ts';

/** One lane for all closing connections: a refused peer that keeps flooding must not delay the others. */
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

  /** True while back-pressure pauses it. Waiting for a turn does not count. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Total time spent waiting for turns. Deadlines exclude it, because it is not the peer's fault. */
  waitedMs(nowMs: number): number {
    return this.#waitedMs + (this.#isQueued ? nowMs - this.#queuedAtMs : 0);
  }

  /** Moves to the lane of closing connections. */
  leave(): void {
    this.#lane = LEAVING;
  }

  /** @returns true if it was not paused before */
  pause(): boolean {
    if (this.#isPaused) return false;
    this.#isPaused = true;
    this.#apply();
    return true;
  }

  /**
   * Waits for a turn first: a binary resumes all its phones at once, and they must be read one at a time.
   * @returns true if it was paused before
   */
  resume(): boolean {
    if (!this.#isPaused) return false;
    this.#isPaused = false;
    this.#awaitTurn();
    return true;
  }

  /**
   * Counts bytes that were read. A socket that has read its share waits for its lane's next turn: otherwise Node would read
   * up to 2 MiB of it while all others wait.
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
    // Pauses again each time, because ws resumes the socket by itself after a protocol error.
    if (this.#isPaused || this.#isQueued) this.#ws.pause();
    else if (this.#ws.isPaused) this.#ws.resume();
  }
}
