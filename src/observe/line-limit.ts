/** Lets the first of each kind of line through, and then one in a while. */
export interface LineLimitOptions {
  readonly maxKinds: number;
  readonly periodMs: number;
  readonly nowMs: () => number;
}

export class LineLimit {
  readonly #options: LineLimitOptions;
  /** When each kind was let through last, the oldest first. */
  readonly #lastMs = new Map<string, number>();

  constructor(options: LineLimitOptions) {
    this.#options = options;
  }

  /**
   * Whether to write a line of this kind. When the table is full of kinds of this period, a new kind waits until one expires: to
   * evict one would let whoever has many addresses write without end.
   */
  allows(kind: string): 'yes' | 'repeated' | 'full' {
    const { maxKinds, periodMs, nowMs } = this.#options;
    const now = nowMs();
    for (const [known, lastMs] of this.#lastMs) {
      if (now - lastMs < periodMs) break;
      this.#lastMs.delete(known);
    }
    if (this.#lastMs.has(kind)) return 'repeated';
    if (this.#lastMs.size >= maxKinds) return 'full';
    this.#lastMs.set(kind, now);
    return 'yes';
  }
}
