/**
 * Gives memory back after a load has ended. V8 collects when somebody allocates, and keeps the pages of a heap that was large: a
 * relay that is quiet again would keep what a flood had taken for hours.
 */

/** What is left of a load: only this much is worth the pause, 50 ms for a small relay and 60 to 125 with 4,000 phones. */
const GROWTH_SHARE = 1.1;
const GROWTH_BYTES = 32 * 1_024 * 1_024;
/**
 * Less than that is collected too, but seldom: buffers that were read are garbage of up to 32 MiB, which comes again as soon as it is
 * collected.
 */
const SMALL_GROWTH_SHARE = 1.05;
const SMALL_GROWTH_BYTES = 8 * 1_024 * 1_024;
const SMALL_GROWTH_SAMPLES = 300;
/** Samples in a row in which the event loop was idle for most of the time: beside a load, the pauses would be felt. */
const QUIET_SAMPLES = 5;
const QUIET_UTILIZATION = 0.2;
/** Buffers are freed a while after the collection that finds them, and the allocator returns what is free at its end. */
const MAX_COLLECTIONS = 3;
/** A relay that holds this much for slow peers is not at rest, however little it does: it grows by what it holds. */
const QUEUED_BYTES = 16 * 1_024 * 1_024;

export interface Sample {
  readonly residentBytes: number;
  /** What of it is queued for peers that do not read. */
  readonly queuedBytes: number;
  /** Share of the time in which the event loop was busy, since the last sample. */
  readonly utilization: number;
}

const hasGrown = (bytes: number, sinceBytes: number): boolean =>
  bytes > sinceBytes * GROWTH_SHARE + GROWTH_BYTES;

export class IdleCollector {
  readonly #collect: () => void;
  /** Resident memory at rest: the smallest since the last collection. */
  #restBytes = Number.POSITIVE_INFINITY;
  /** The smallest since the last collection, whether that was worth it or not. */
  #collectedBytes = Number.POSITIVE_INFINITY;
  #quietSamples = 0;
  /** One after the other, for one load. */
  #collections = 0;
  /** Since the last collection, or since the start: a process that has just started grows by what it compiles. */
  #samples = 0;

  constructor(collect: () => void) {
    this.#collect = collect;
  }

  /** Call it once a second. */
  sample({ residentBytes, queuedBytes, utilization }: Sample): void {
    const isQuiet = utilization < QUIET_UTILIZATION && queuedBytes < QUEUED_BYTES;
    this.#quietSamples = isQuiet ? this.#quietSamples + 1 : 0;
    this.#samples++;
    this.#collectedBytes = Math.min(residentBytes, this.#collectedBytes);
    // Another load has begun. What it leaves is collected anew, also if the third collection was a moment ago.
    if (!isQuiet && hasGrown(residentBytes, this.#collectedBytes)) this.#collections = 0;
    if (!this.#isWorthIt(residentBytes)) {
      this.#restBytes = Math.min(residentBytes, this.#restBytes);
      this.#collections = 0;
      return;
    }
    if (this.#quietSamples < QUIET_SAMPLES) return;
    this.#quietSamples = 0;
    this.#samples = 0;
    this.#collectedBytes = Number.POSITIVE_INFINITY;
    if (++this.#collections <= MAX_COLLECTIONS) {
      this.#collect();
      return;
    }
    // It is alive: with more connections, this is the new rest.
    this.#restBytes = residentBytes;
    this.#collections = 0;
  }

  #isWorthIt(residentBytes: number): boolean {
    const isSmallDue = this.#collections > 0 || this.#samples > SMALL_GROWTH_SAMPLES;
    return isSmallDue
      ? residentBytes > this.#restBytes * SMALL_GROWTH_SHARE + SMALL_GROWTH_BYTES
      : hasGrown(residentBytes, this.#restBytes);
  }
}
