/** The books of one direction of one phone connection. */

/**
 * What a run counts. A run is good if all of `GATE` are 0.
 * @typedef {Record<(typeof COUNTS)[number], number>} Counts
 */
const COUNTS = /** @type {const} */ ([
  'made',
  'failed',
  'sent',
  'received',
  'lost',
  'reordered',
  'duplicated',
  'foreign',
  'unclean',
  'untold',
  'excused',
]);

/** @returns {Counts} */
export const noCounts = () => /** @type {Counts} */ (Object.fromEntries(COUNTS.map((name) => [name, 0]))); // One of each name.

/** What must be 0. */
const GATE = /** @type {const} */ ([
  'failed',
  'lost',
  'reordered',
  'duplicated',
  'foreign',
  'unclean',
  'untold',
]);

/** @param {readonly Counts[]} all */
export const sumOf = (all) => {
  const sum = noCounts();
  for (const counts of all) for (const name of COUNTS) sum[name] += counts[name];
  return sum;
};

/** @param {Counts} counts */
export const isGood = (counts) => GATE.every((name) => counts[name] === 0);

export class Stream {
  /** Frames sent: the sequence of the next one. */
  sent = 0;
  /** The lowest sequence that must still come, if none is missing before it. */
  #next = 0;
  /** Sequences that were passed over. @type {Set<number>} */
  #missing = new Set();
  #isSettled = false;
  #counts;

  /** @param {Counts} counts */
  constructor(counts) {
    this.#counts = counts;
  }

  /** Counts a frame as sent. @returns its sequence */
  send() {
    this.#counts.sent++;
    return this.sent++;
  }

  /** @param {number} sequence */
  arrive(sequence) {
    this.#counts.received++;
    if (sequence >= this.#next) {
      const passed = sequence - this.#next;
      if (this.#isSettled) {
        // It was on its way to somebody who did not read: no excuse is needed for it, and there is none for those before it.
        this.#counts.excused -= passed + 1;
        this.#counts.lost += passed;
      } else for (let missing = this.#next; missing < sequence; missing++) this.#missing.add(missing);
      this.#next = sequence + 1;
    } else if (this.#missing.delete(sequence)) this.#counts.reordered++;
    else this.#counts.duplicated++;
  }

  /** Frames sent that have not come. */
  get outstanding() {
    return this.sent - this.#next + this.#missing.size;
  }

  /**
   * What has not come counts as lost or as excused.
   * @param {boolean} isTold whether the connection has ended and its peers were told: then what it had not been sent yet may be
   * missing, but nothing before what has come
   */
  settle(isTold) {
    const tail = this.sent - this.#next;
    this.#counts.lost += this.#missing.size;
    this.#missing.clear();
    if (isTold) {
      this.#counts.excused += tail;
      this.#isSettled = true;
    } else {
      this.#counts.lost += tail;
      this.#next = this.sent;
    }
  }
}
