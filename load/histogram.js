/** Times in buckets, each 2 % wider than the one before: small enough to send to another process, and to add up there. */

const GROWTH = Math.log(1.02);
/** Shorter times are counted as this, in ms. */
const LEAST_MS = 0.001;

export class Histogram {
  /** @type {number[]} */
  buckets = [];

  /** @param {number} ms */
  record(ms) {
    const bucket = Math.ceil(Math.log(Math.max(LEAST_MS, ms) / LEAST_MS) / GROWTH);
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
  }

  /** @param {readonly (number | null | undefined)[]} buckets of another, as they came through JSON */
  add(buckets) {
    for (const [i, count] of buckets.entries()) {
      if (count) this.buckets[i] = (this.buckets[i] ?? 0) + count;
    }
  }

  get count() {
    return this.buckets.reduce((sum, count) => sum + count, 0);
  }

  /**
   * By nearest rank, at most 2 % too high.
   * @param {number} q from 0 to 1
   * @returns {number | null} ms; null without any
   */
  quantile(q) {
    let left = Math.max(1, Math.ceil(q * this.count));
    for (const [i, count] of this.buckets.entries()) {
      left -= count ?? 0;
      if (count > 0 && left <= 0) return Number((LEAST_MS * Math.exp(i * GROWTH)).toPrecision(3));
    }
    return null;
  }
}
