/** Tokens that the provider has called unregistered, by their hashes. A daemon that keeps asking for one costs no call. */
import { DEAD_TOKEN_MS, MAX_DEAD_TOKENS } from './limits.ts';

export class DeadTokens {
  readonly #nowMs: () => number;
  readonly #max: number;
  /** When each was added; the oldest is first. */
  readonly #addedAtMs = new Map<string, number>();

  constructor(nowMs: () => number, max = MAX_DEAD_TOKENS) {
    this.#nowMs = nowMs;
    this.#max = max;
  }

  get size(): number {
    this.#forgetOld();
    return this.#addedAtMs.size;
  }

  has(hash: string): boolean {
    this.#forgetOld();
    return this.#addedAtMs.has(hash);
  }

  /** The oldest makes room. Forgetting one too early costs a call. */
  add(hash: string): void {
    this.#addedAtMs.delete(hash);
    this.#addedAtMs.set(hash, this.#nowMs());
    const [oldest] = this.#addedAtMs.keys();
    if (this.#addedAtMs.size > this.#max && oldest !== undefined) this.#addedAtMs.delete(oldest);
  }

  clear(): void {
    this.#addedAtMs.clear();
  }

  #forgetOld(): void {
    const nowMs = this.#nowMs();
    for (const [hash, addedAtMs] of this.#addedAtMs) {
      if (nowMs - addedAtMs < DEAD_TOKEN_MS) return;
      this.#addedAtMs.delete(hash);
    }
  }
}
