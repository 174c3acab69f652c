/**
 * Takes a few TLS handshake records in each turn of the event loop, the others in later turns: one may ask for a signature, up to
 * 4.4 ms of CPU, and established connections must not wait for all that were dialled at once.
 */
import { HANDSHAKES_PER_TURN } from '../protocol/tls-limits.ts';

export class HandshakeTurns {
  readonly #failed: (error: unknown) => void;
  readonly #perTurn: number;
  /** In order of arrival. One at most for each connection. */
  readonly #waiting = new Set<() => void>();
  #leftInTurn: number;
  #isEnding = false;

  /** @param failed called with each exception of a `begin` that has waited */
  constructor(failed: (error: unknown) => void, perTurn = HANDSHAKES_PER_TURN) {
    this.#failed = failed;
    this.#perTurn = perTurn;
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
    this.#leftInTurn = this.#perTurn;
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
    if (this.#leftInTurn < this.#perTurn) this.#endSoon();
  };
}
