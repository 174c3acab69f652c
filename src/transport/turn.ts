/**
 * Collects the outboxes written to during one turn of the event loop and flushes them together at its end, so that
 * a burst to one destination becomes one system call (architecture.md section 6).
 */
export interface Flushable {
  flush(): void;
}

export class Turn {
  #waiting: Flushable[] = [];

  /** Flushes `outbox` when this turn of the event loop has read all it could. */
  add(outbox: Flushable): void {
    if (this.#waiting.length === 0) setImmediate(this.#end);
    this.#waiting.push(outbox);
  }

  readonly #end = (): void => {
    const due = this.#waiting;
    this.#waiting = [];
    for (const outbox of due) outbox.flush();
  };
}
