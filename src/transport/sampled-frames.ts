/** The frames of one outbox that are measured, from when they are queued until the network has taken them. */

interface SampledFrame {
  /** Its place among the frames of this outbox. */
  readonly place: number;
  readonly bytes: number;
  readonly queuedAtMs: number;
}

export class SampledFrames {
  #queued = 0;
  #written = 0;
  /** Oldest first; as many as the queue has. Undefined until there is one: most connections send little. */
  #open: SampledFrame[] | undefined;

  /** Counts a frame that is queued. */
  queue(isSampled: boolean, bytes: number): void {
    this.#queued++;
    if (!isSampled) return;
    this.#open ??= [];
    this.#open.push({ place: this.#queued, bytes, queuedAtMs: performance.now() });
  }

  /** Counts frames that the network has taken, and reports those of them that are measured. */
  write(count: number, report: (bytes: number, ms: number) => void): void {
    this.#written += count;
    const open = this.#open;
    for (let first = open?.[0]; first !== undefined && first.place <= this.#written; first = open?.[0]) {
      open?.shift();
      report(first.bytes, performance.now() - first.queuedAtMs);
    }
  }

  /** All but `writing` frames, which are being written, will not be sent. */
  drop(writing: number): void {
    this.#queued = this.#written + writing;
    this.#open = this.#open?.filter(({ place }) => place <= this.#queued);
  }
}
