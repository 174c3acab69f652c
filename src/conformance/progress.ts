/** A progress bar, shown only on a terminal. */

const WIDTH = 30;
const EVERY_MS = 100;

export class Progress {
  readonly #total: number;
  readonly #stream: NodeJS.WriteStream;
  #done = 0;
  #failed = 0;
  #shownAtMs = 0;

  constructor(total: number, stream: NodeJS.WriteStream) {
    this.#total = total;
    this.#stream = stream;
  }

  advance(hasFailed: boolean): void {
    this.#done++;
    if (hasFailed) this.#failed++;
    if (!this.#stream.isTTY) return;
    const nowMs = performance.now();
    if (nowMs - this.#shownAtMs < EVERY_MS && this.#done < this.#total) return;
    this.#shownAtMs = nowMs;
    const filled = Math.round((WIDTH * this.#done) / this.#total);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`;
    this.#stream.write(`\r${bar} ${this.#done}/${this.#total} paths, ${this.#failed} failed `);
  }

  /** Clears the line. */
  end(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\u001b[2K');
  }
}
