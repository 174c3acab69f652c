/** Notices when this process did not run: then its peers have had no answers from it, and the relay may have given them up. */

const LOOK_MS = 50;
const FORGIVEN_MS = 20_000;
/** A quarter of what the shortest deadline of the relay allows for an answer, the one of a probe. */
export const LATE_MS = 500;
/** Half of what it allows for an answer to a ping, or to a close frame. */
export const VERY_LATE_MS = 2_500;

export class Stalls {
  /** Those of more than `LATE_MS`. */
  count = 0;
  #late = -Infinity;
  #veryLate = -Infinity;
  #lookedMs = performance.now();
  #timer = setInterval(() => this.#look(), LOOK_MS);

  /**
   * Whether it stood still within the last seconds.
   * @param {typeof LATE_MS | typeof VERY_LATE_MS} stallMs for longer than this
   */
  isRecent(stallMs) {
    this.#look();
    return performance.now() - (stallMs === LATE_MS ? this.#late : this.#veryLate) < FORGIVEN_MS;
  }

  end() {
    clearInterval(this.#timer);
  }

  #look() {
    const nowMs = performance.now();
    const stoodMs = nowMs - this.#lookedMs;
    this.#lookedMs = nowMs;
    if (stoodMs <= LATE_MS) return;
    this.count++;
    this.#late = nowMs;
    if (stoodMs > VERY_LATE_MS) this.#veryLate = nowMs;
  }
}
