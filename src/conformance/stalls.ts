/** Notices when this process did not run. What it missed or measured meanwhile says nothing of the target. */

const LOOK_MS = 20;
/** A look that is less late than this is ordinary scheduling. */
const NOTED_MS = 50;
/** Longer than any path is under way on a machine that runs at all. */
const MOST_NOTED = 1_000;

interface Pause {
  readonly endedAtMs: number;
  readonly lateMs: number;
}

export class Stalls {
  #pauses: Pause[] = [];
  #lookedAtMs = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  /** The longest time in milliseconds that this process stood still since `sinceMs`, on the clock of `performance.now()`. */
  longestSince(sinceMs: number): number {
    this.#look();
    return Math.max(0, ...this.#pauses.filter((p) => p.endedAtMs > sinceMs).map(({ lateMs }) => lateMs));
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    const lateMs = nowMs - this.#lookedAtMs - LOOK_MS;
    this.#lookedAtMs = nowMs;
    if (lateMs < NOTED_MS) return;
    this.#pauses.push({ endedAtMs: nowMs, lateMs });
    if (this.#pauses.length > MOST_NOTED) this.#pauses.shift();
  }
}
