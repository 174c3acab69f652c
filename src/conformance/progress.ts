/** How far a run is: a bar on a terminal; elsewhere, a line now and then, so that a log shows that it goes on. */

const WIDTH = 30;
const EVERY_MS = 100;
/** A line of a log, for runs of minutes. */
const LINE_EVERY_MS = 10_000;

export class Progress {
  readonly #total: number;
  readonly #stream: NodeJS.WriteStream;
  readonly #timer: NodeJS.Timeout | undefined;
  #done = 0;
  #failed = 0;
  #shownAtMs = 0;
  #phase = '';

  constructor(total: number, stream: NodeJS.WriteStream) {
    this.#total = total;
    this.#stream = stream;
    if (!stream.isTTY) {
      this.#timer = setInterval(() => stream.write(`${this.#text}\n`), LINE_EVERY_MS);
      this.#timer.unref();
    }
  }

  advance(hasFailed: boolean): void {
    this.#done++;
    if (hasFailed) this.#failed++;
    const nowMs = performance.now();
    if (nowMs - this.#shownAtMs < EVERY_MS && this.#done < this.#total) return;
    this.#shownAtMs = nowMs;
    this.#draw();
  }

  /** What is done after the paths. */
  enter(phase: string): void {
    this.#phase = `, ${phase}`;
    this.#draw();
  }

  /** Clears the line. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#stream.isTTY) this.#stream.write('\r\u001b[2K');
  }

  get #text(): string {
    return `${this.#done}/${this.#total} paths, ${this.#failed} failed${this.#phase}`;
  }

  #draw(): void {
    if (!this.#stream.isTTY) return;
    const filled = this.#total === 0 ? WIDTH : Math.round((WIDTH * this.#done) / this.#total);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`;
    this.#stream.write(`\r${bar} ${this.#text} `);
  }
}
