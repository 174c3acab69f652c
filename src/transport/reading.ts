/** When one socket is read: not while somebody else is slow, and no more than its share in one turn of the event loop. */
import { WebSocket } from 'ws';
import { READ_SHARE_BYTES } from '../protocol/limits.ts';
import type { Lane, Turn, Yielding } from './turn.ts';

/** All who are on their way out share it: who was refused, or is done, must not flood on in front of those that are not. */
const LEAVING: Lane = {};

export class Reading implements Yielding {
  readonly #ws: WebSocket;
  readonly #turn: Turn;
  #lane: Lane;
  #isHeldBack = false;
  #isYielding = false;
  #yieldedAtMs = 0;
  #waitedMs = 0;
  /** The turn in which `#readBytes` were read. */
  #countedTurn = 0;
  #readBytes = 0;

  /** @param lane with whom it shares its part of a turn: the phones of a server-id under its name, nobody without one */
  constructor(ws: WebSocket, turn: Turn, lane: Lane = ws) {
    this.#ws = ws;
    this.#turn = turn;
    this.#lane = lane;
  }

  get lane(): Lane {
    return this.#lane;
  }

  /** Whether it waits for somebody else; to wait for its turn is not that. */
  get isHeldBack(): boolean {
    return this.#isHeldBack;
  }

  /** How long it has waited for its turns: no fault of its peer. */
  waitedMs(nowMs: number): number {
    return this.#waitedMs + (this.#isYielding ? nowMs - this.#yieldedAtMs : 0);
  }

  leave(): void {
    this.#lane = LEAVING;
  }

  /** @returns whether it was read until now */
  holdBack(): boolean {
    if (this.#isHeldBack) return false;
    this.#isHeldBack = true;
    this.#readOrNot();
    return true;
  }

  /**
   * Many are held back by the same binary, and let go together: each waits for its turn.
   * @returns whether it was held back until now
   */
  letGo(): boolean {
    if (!this.#isHeldBack) return false;
    this.#isHeldBack = false;
    this.#yield();
    return true;
  }

  /**
   * Counts what came. Who has had its share of a turn is left alone until its lane's next: the runtime would go on reading
   * one socket up to 2 MiB while everybody else waits.
   */
  count(bytes: number): void {
    if (this.#turn.count !== this.#countedTurn) {
      this.#countedTurn = this.#turn.count;
      this.#readBytes = 0;
    }
    this.#readBytes += bytes;
    if (this.#readBytes >= READ_SHARE_BYTES) this.#yield();
  }

  readOn(): boolean {
    this.#waitedMs = this.waitedMs(performance.now());
    this.#isYielding = false;
    this.#readOrNot();
    return !this.#isHeldBack && this.#ws.readyState !== WebSocket.CLOSED;
  }

  #yield(): void {
    const waitsAlready = this.#isYielding;
    if (!waitsAlready) this.#yieldedAtMs = performance.now();
    this.#isYielding = true;
    this.#readOrNot();
    if (!waitsAlready) this.#turn.yieldTo(this);
  }

  #readOrNot(): void {
    // Paused as it may be: when the peer breaks the protocol, ws has the socket under it read on, whatever was said before.
    if (this.#isHeldBack || this.#isYielding) this.#ws.pause();
    else if (this.#ws.isPaused) this.#ws.resume();
  }
}
