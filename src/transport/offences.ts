/** Counts the broken envelopes of one binary, in periods that begin with its first one. */
import { BROKEN_ENVELOPES_PERIOD_MS, MAX_BROKEN_ENVELOPES } from '../protocol/limits.ts';

export class BrokenEnvelopes {
  #sinceMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  /**
   * Counts one more.
   * @returns true if there are too many in this period
   */
  addedTooMany(nowMs: number): boolean {
    if (nowMs - this.#sinceMs >= BROKEN_ENVELOPES_PERIOD_MS) {
      this.#sinceMs = nowMs;
      this.#count = 0;
    }
    return ++this.#count >= MAX_BROKEN_ENVELOPES;
  }
}
