/**
 * Takes a few handshakes in each turn of the event loop, of TLS or of WebSocket, the others in later turns: established connections must
 * not wait for all that were dialled at once.
 */

export interface HandshakeTurnsOptions {
  readonly perTurn: number;
  /** Of those that wait, this share is taken if that is more. Without it, many would wait until their deadlines. */
  readonly share?: number;
  /** Called with each exception of a `begin` that has waited. */
  readonly failed: (error: unknown) => void;
}

export class HandshakeTurns {
  readonly #failed: (error: unknown) => void;
  readonly #perTurn: number;
  readonly #share: number;
  /** In order of arrival. One at most for each connection. */
  readonly #waiting = new Set<() => void>();
  #leftInTurn: number;
  #isEnding = false;

  constructor({ perTurn, share = 0, failed }: HandshakeTurnsOptions) {
    this.#failed = failed;
    this.#perTurn = perTurn;
    this.#share = share;
    this.#leftInTurn = perTurn;
  }

  /** @param begin called at once or in a later turn */
  add(begin: () => void): void {
    this.#endSoon();
    if (this.#leftInTurn === 0 || this.#waiting.size > 0) this.#waiting.add(begin);
    else {
      this.#leftInTurn--;
      begin();
    }
  }

  /** Its peer has left. Harmless if it has begun. */
  remove(begin: () => void): void {
    this.#waiting.delete(begin);
  }

  #endSoon(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    setImmediate(this.#end);
  }

  readonly #end = (): void => {
    this.#isEnding = false;
    const mayBegin = Math.max(this.#perTurn, Math.ceil(this.#waiting.size * this.#share));
    this.#leftInTurn = mayBegin;
    for (const begin of this.#waiting) {
      if (this.#leftInTurn === 0) break;
      this.#waiting.delete(begin);
      this.#leftInTurn--;
      try {
        begin();
      } catch (error) {
        this.#failed(error);
      }
    }
    // What has begun here counts in the turn that follows.
    if (this.#leftInTurn < mayBegin) this.#endSoon();
  };
}
