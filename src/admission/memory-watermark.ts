/** Whether the process takes too much memory: above the mark, and until it has been below a lower one for a while. */

/** The lower mark, as a share of the upper one. */
const LOW_SHARE = 0.95;
/** Samples in a row below the lower mark, before the alarm ends: it must not be on and off each second. */
const CALM_SAMPLES = 5;

export type Crossing = 'reached' | 'left';

export class MemoryWatermark {
  #markBytes: number;
  #isAbove = false;
  #calmSamples = 0;

  /** @param markBytes 0 for off */
  constructor(markBytes: number) {
    this.#markBytes = markBytes;
  }

  get markBytes(): number {
    return this.#markBytes;
  }

  /** Takes effect with the next sample. */
  set markBytes(bytes: number) {
    this.#markBytes = bytes;
  }

  get isAbove(): boolean {
    return this.#isAbove;
  }

  /** Bytes by which `residentBytes` exceeds the lower mark; 0 while it is not above. */
  excessBytes(residentBytes: number): number {
    return this.#isAbove ? Math.max(residentBytes - this.#markBytes * LOW_SHARE, 0) : 0;
  }

  /** Call it at even intervals. @returns what has changed */
  sample(residentBytes: number): Crossing | undefined {
    const isOff = this.#markBytes === 0;
    if (!this.#isAbove) {
      if (isOff || residentBytes <= this.#markBytes) return undefined;
      this.#isAbove = true;
      this.#calmSamples = 0;
      return 'reached';
    }
    const isCalm = isOff || residentBytes < this.#markBytes * LOW_SHARE;
    this.#calmSamples = isCalm ? this.#calmSamples + 1 : 0;
    if (!isOff && this.#calmSamples < CALM_SAMPLES) return undefined;
    this.#isAbove = false;
    return 'left';
  }
}
