/**
 * One token bucket for each subscriber (spec section 9). A bucket gains a token every `everyMs`, up to `burst`; fractions of a
 * token are kept. A full bucket is the same as none, so the table holds only buckets that owe tokens.
 */
import { MAX_RATE_BUCKETS } from './limits.ts';

export interface Rate {
  /** Requests at once; 0 switches the limit off. */
  readonly burst: number;
  /** Time between two tokens. */
  readonly everyMs: number;
}

interface Bucket {
  readonly key: string;
  /** When it is full again. What it owes is the time until then. */
  fullAtMs: number;
}

/** Subscribers that find no place in the table share this bucket. No address is spelled so. */
const NEWCOMERS = '*';

/** Work on behalf of full buckets in one poll, whatever the table holds. */
const SWEEP_STEPS = 8;

export class RateBuckets {
  readonly #nowMs: () => number;
  readonly #maxBuckets: number;
  #rate: Rate;
  readonly #buckets = new Map<string, Bucket>();
  /** The same buckets by the `everyMs` in which they are full again. So a full one is found without a search. */
  readonly #slots = new Map<number, Set<Bucket>>();
  /** The first slot that may hold a bucket. */
  #firstSlot: number;
  /** The slot of the last poll. */
  #sweptSlot: number;

  constructor(rate: Rate, nowMs: () => number, maxBuckets = MAX_RATE_BUCKETS) {
    this.#rate = rate;
    this.#nowMs = nowMs;
    this.#maxBuckets = maxBuckets;
    this.#sweptSlot = Math.floor(nowMs() / rate.everyMs);
    this.#firstSlot = this.#sweptSlot;
  }

  /** Buckets that owe tokens, and full ones that are not forgotten yet. */
  get size(): number {
    return this.#buckets.size;
  }

  get rate(): Rate {
    return this.#rate;
  }

  /** Starts over with full buckets, unless nothing has changed: what a bucket owes is counted in the old tokens. */
  change(rate: Rate): void {
    if (rate.burst === this.#rate.burst && rate.everyMs === this.#rate.everyMs) return;
    this.#rate = rate;
    this.#sweptSlot = Math.floor(this.#nowMs() / rate.everyMs);
    this.#forgetAll();
  }

  /**
   * Takes a token of this subscriber.
   * @returns 0, or the milliseconds until there is a token
   */
  take(subscriber: string): number {
    const { burst, everyMs } = this.#rate;
    if (burst === 0) return 0;
    const nowMs = this.#nowMs();
    this.#sweep(nowMs);
    const bucket = this.#find(subscriber, nowMs);
    const owedMs = Math.max(0, bucket.fullAtMs - nowMs);
    const excessMs = owedMs + everyMs - burst * everyMs;
    if (excessMs > 0) return excessMs;
    this.#move(bucket, nowMs + owedMs + everyMs);
    return 0;
  }

  #find(subscriber: string, nowMs: number): Bucket {
    const known = this.#buckets.get(subscriber);
    if (known !== undefined) return known;
    // A bucket that owes tokens is never pushed out: else who has many addresses could refill the one he has emptied.
    const key = this.#buckets.size < this.#maxBuckets ? subscriber : NEWCOMERS;
    const shared = key === NEWCOMERS ? this.#buckets.get(key) : undefined;
    if (shared !== undefined) return shared;
    const made: Bucket = { key, fullAtMs: nowMs };
    this.#buckets.set(key, made);
    return made;
  }

  #slotOf(timeMs: number): number {
    return Math.ceil(timeMs / this.#rate.everyMs);
  }

  #move(bucket: Bucket, fullAtMs: number): void {
    const [from, to] = [this.#slotOf(bucket.fullAtMs), this.#slotOf(fullAtMs)];
    bucket.fullAtMs = fullAtMs;
    const old = this.#slots.get(from);
    if (old?.delete(bucket) === true && old.size === 0) this.#slots.delete(from);
    const slot = this.#slots.get(to);
    if (slot === undefined) this.#slots.set(to, new Set([bucket]));
    else slot.add(bucket);
  }

  /**
   * Forgets some full buckets, those that were full first. Each poll adds one at most, and looks at as many slots as have passed
   * since the last one, so the table does not lag behind.
   */
  #sweep(nowMs: number): void {
    const passed = Math.floor(nowMs / this.#rate.everyMs);
    const elapsed = passed - this.#sweptSlot;
    this.#sweptSlot = passed;
    // No bucket owes for longer than this: all are full.
    if (this.#buckets.size === 0 || elapsed > this.#rate.burst) this.#forgetAll();
    let emptySlots = elapsed + SWEEP_STEPS;
    for (let full = SWEEP_STEPS; full > 0 && emptySlots > 0 && this.#firstSlot <= passed; ) {
      const slot = this.#slots.get(this.#firstSlot);
      const [first] = slot ?? [];
      if (slot === undefined || first === undefined) {
        this.#slots.delete(this.#firstSlot++);
        emptySlots--;
        continue;
      }
      slot.delete(first);
      this.#buckets.delete(first.key);
      full--;
    }
  }

  #forgetAll(): void {
    this.#buckets.clear();
    this.#slots.clear();
    this.#firstSlot = this.#sweptSlot;
  }
}
