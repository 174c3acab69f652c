/** Counts frames and close codes. Keeps nothing of their contents. */
import type { Direction } from '../transport/observation.ts';
import { CLOSE_CODE_MINUTES } from './inspect-limits.ts';

const MINUTE_MS = 60_000;

export class Traffic {
  readonly frames: Record<Direction, number> = { phone_to_binary: 0, binary_to_phone: 0 };
  /** Counts per minute since start, newest last. */
  #minutes: { readonly minute: number; readonly codes: Map<number, number> }[] = [];

  countFrames(direction: Direction, count: number): void {
    this.frames[direction] += count;
  }

  countClose(closeCode: number, nowMs: number): void {
    const minute = Math.floor(nowMs / MINUTE_MS);
    let current = this.#minutes.at(-1);
    if (current?.minute !== minute) {
      current = { minute, codes: new Map() };
      this.#minutes.push(current);
      this.#minutes = this.#minutes.slice(-CLOSE_CODE_MINUTES);
    }
    current.codes.set(closeCode, (current.codes.get(closeCode) ?? 0) + 1);
  }

  /** Pairs of close code and count over the last `CLOSE_CODE_MINUTES`, most frequent first. */
  closeCodes(nowMs: number): [number, number][] {
    const oldest = Math.floor(nowMs / MINUTE_MS) - CLOSE_CODE_MINUTES;
    const sums = new Map<number, number>();
    for (const { minute, codes } of this.#minutes) {
      if (minute <= oldest) continue;
      for (const [code, times] of codes) sums.set(code, (sums.get(code) ?? 0) + times);
    }
    return [...sums].toSorted(([, a], [, b]) => b - a);
  }
}
