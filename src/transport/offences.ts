/** Counts what one peer may do only so often, in periods that begin with the first one. */
import { OFFENCE_PERIOD_MS } from '../protocol/limits.ts';

export class Offences {
  readonly #tooMany: number;
  #sinceMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** @param tooMany how many in one period are too many */
  constructor(tooMany: number) {
    this.#tooMany = tooMany;
  }

  /**
   * Counts one more.
   * @returns true if there are too many in this period
   */
  addedTooMany(nowMs: number): boolean {
    if (nowMs - this.#sinceMs >= OFFENCE_PERIOD_MS) {
      this.#sinceMs = nowMs;
      this.#count = 0;
    }
    return ++this.#count >= this.#tooMany;
  }
}
