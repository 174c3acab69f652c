/** When one socket is read: not while somebody else is slow, and no more than its share in one turn of the event loop. */
import type { WebSocket } from 'ws';
import { READ_SHARE_BYTES } from '../protocol/limits.ts';
import type { Turn } from './turn.ts';

export class Reading {
  readonly lane: string | object;
  readonly #ws: WebSocket;
  readonly #turn: Turn;
  #isHeldBack = false;
  #isYielding = false;
  /** The turn in which `#readBytes` were read. */
  #countedTurn = 0;
  #readBytes = 0;

  /** @param lane with whom it shares its part of a turn: the phones of a server-id under its name, nobody without one */
  constructor(ws: WebSocket, turn: Turn, lane: string | object = ws) {
    this.#ws = ws;
    this.#turn = turn;
    this.lane = lane;
  }

  /** Whether it waits for somebody else; to yield for the rest of a turn is not that. */
  get isHeldBack(): boolean {
    return this.#isHeldBack;
  }

  /** @returns whether it was read until now */
  holdBack(): boolean {
    if (this.#isHeldBack) return false;
    this.#isHeldBack = true;
    this.#readOrNot();
    return true;
  }

  /** @returns whether it was held back until now */
  letGo(): boolean {
    if (!this.#isHeldBack) return false;
    this.#isHeldBack = false;
    this.#readOrNot();
    return true;
  }

  /**
   * Counts what came. Who has had its share of a turn is left alone until the next: the runtime would go on reading one
   * socket up to 2 MiB while everybody else waits.
   */
  count(bytes: number): void {
    if (this.#turn.count !== this.#countedTurn) {
      this.#countedTurn = this.#turn.count;
      this.#readBytes = 0;
    }
    this.#readBytes += bytes;
    if (this.#isYielding || this.#readBytes < READ_SHARE_BYTES) return;
    this.#isYielding = true;
    this.#readOrNot();
    this.#turn.yieldTo(this);
  }

  readOn(): void {
    this.#isYielding = false;
    this.#readOrNot();
  }

  #readOrNot(): void {
    const mustPause = this.#isHeldBack || this.#isYielding;
    if (mustPause === this.#ws.isPaused) return;
    if (mustPause) this.#ws.pause();
    else this.#ws.resume();
  }
}
