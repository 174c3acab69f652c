/** Pseudo-random numbers that a seed determines. */

/**
 * mulberry32.
 * @param {number} seed a 32-bit integer
 */
const numbers = (seed) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
};

export class Random {
  #next;

  /** @param {number} seed */
  constructor(seed) {
    this.#next = numbers(seed);
  }

  /** A 32-bit integer. */
  integer() {
    return this.#next();
  }

  /** From 0 to `limit` - 1. @param {number} limit */
  below(limit) {
    return this.#next() % limit;
  }

  /** @param {number} share from 0 to 1 */
  chance(share) {
    return this.#next() < share * 2 ** 32;
  }

  /**
   * @template T
   * @param {readonly T[]} from not empty
   * @returns {T}
   */
  pick(from) {
    return /** @type {T} */ (from[this.below(from.length)]); // The index is below the length.
  }
}
