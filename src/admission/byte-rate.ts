/** A byte rate, as a bucket that may be overdrawn: bytes are counted once they have been read, and then nothing is read for a while. */

const MS_PER_S = 1_000;

export interface Rate {
  readonly bytesPerSecond: number;
  /** What may be read at once after a quiet time: one largest frame. */
  readonly burstBytes: number;
}

export class ByteRate {
  /** Negative: overdrawn. */
  #leftBytes: number;
  #atMs: number;

  constructor({ burstBytes }: Rate, nowMs: number) {
    this.#leftBytes = burstBytes;
    this.#atMs = nowMs;
  }

  /** Counts bytes that were read. */
  take(rate: Rate, bytes: number, nowMs: number): void {
    this.#refill(rate, nowMs);
    this.#leftBytes -= bytes;
  }

  /** Time until more may be read; 0 for now. */
  waitMs(rate: Rate, nowMs: number): number {
    this.#refill(rate, nowMs);
    return this.#leftBytes >= 0 ? 0 : Math.ceil((-this.#leftBytes * MS_PER_S) / rate.bytesPerSecond);
  }

  #refill({ bytesPerSecond, burstBytes }: Rate, nowMs: number): void {
    const passedMs = Math.max(nowMs - this.#atMs, 0);
    this.#atMs = nowMs;
    this.#leftBytes = Math.min(this.#leftBytes + (passedMs * bytesPerSecond) / MS_PER_S, burstBytes);
  }
}
