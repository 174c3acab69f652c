/**
 * One turn of the event loop: everything that can be read is read, then the outboxes that were written to are flushed
 * together, so that a burst to one destination becomes one system call (architecture.md section 6).
 */
export interface Flushable {
  flush(): void;
}

/** One whose socket is left alone until the next turn. */
export interface Yielding {
  /** In each turn one of a lane reads on, oldest first: whoever floods with many sockets has no more of a turn than with one. */
  readonly lane: string | object;
  readOn(): void;
}

export class Turn {
  #waiting: Flushable[] = [];
  #yielding: Yielding[] = [];
  #isEnding = false;
  #count = 0;

  /** Grows with every turn in which something was forwarded or somebody yielded. */
  get count(): number {
    return this.#count;
  }

  /** Flushes `outbox` when this turn of the event loop has read all it could. */
  add(outbox: Flushable): void {
    this.#waiting.push(outbox);
    this.#endSoon();
  }

  /** Lets `reader` read on when everybody else has had this turn, and those of its lane before it theirs. */
  yieldTo(reader: Yielding): void {
    this.#yielding.push(reader);
    this.#endSoon();
  }

  #endSoon(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    setImmediate(this.#end);
  }

  readonly #end = (): void => {
    const [due, yielding] = [this.#waiting, this.#yielding];
    this.#waiting = [];
    this.#yielding = [];
    this.#isEnding = false;
    this.#count++;
    try {
      for (const outbox of due) outbox.flush();
    } finally {
      // A fault in a flush must not leave others unread for ever.
      this.#readOn(yielding);
    }
  };

  #readOn(yielding: readonly Yielding[]): void {
    const served = new Set<Yielding['lane']>();
    for (const reader of yielding) {
      if (served.has(reader.lane)) {
        this.#yielding.push(reader);
      } else {
        served.add(reader.lane);
        reader.readOn();
      }
    }
    if (this.#yielding.length > 0) this.#endSoon();
  }
}
