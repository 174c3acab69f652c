/**
 * One turn of the event loop: everything that can be read is read, then the outboxes that were written to are flushed
 * together, so that a burst to one destination becomes one system call (architecture.md section 6).
 */
export interface Flushable {
  flush(): void;
}

export type Lane = string | object;

/** One whose socket is left alone until it is the turn of its lane, and its own in there. */
export interface Yielding {
  readonly lane: Lane;
  /** @returns whether it reads: who is held back, or gone, leaves the turn to the next of its lane */
  readOn(): boolean;
}

export class Turn {
  #waiting: Flushable[] = [];
  /** Oldest first. As many lanes as somebody waits in, and in each as many as wait. */
  readonly #lanes = new Map<Lane, Yielding[]>();
  #isEnding = false;
  #count = 0;

  /** Grows with every turn in which something was forwarded or somebody waited. */
  get count(): number {
    return this.#count;
  }

  /** Flushes `outbox` when this turn of the event loop has read all it could. */
  add(outbox: Flushable): void {
    this.#waiting.push(outbox);
    this.#endSoon();
  }

  /** Lets `reader` read on when everybody else has had this turn, and those of its lane before it one each. */
  yieldTo(reader: Yielding): void {
    const waiting = this.#lanes.get(reader.lane);
    if (waiting === undefined) this.#lanes.set(reader.lane, [reader]);
    else waiting.push(reader);
    this.#endSoon();
  }

  #endSoon(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    setImmediate(this.#end);
  }

  readonly #end = (): void => {
    const due = this.#waiting;
    this.#waiting = [];
    this.#isEnding = false;
    this.#count++;
    try {
      for (const outbox of due) outbox.flush();
    } finally {
      // A fault in a flush must not leave others unread for ever.
      this.#readOn();
    }
  };

  /** One of each lane: who floods with many sockets gets no more read in a turn, from then on, than with one. */
  #readOn(): void {
    for (const [lane, waiting] of this.#lanes) {
      let isRead = false;
      while (!isRead) {
        const reader = waiting.shift();
        if (reader === undefined) break;
        isRead = reader.readOn();
      }
      if (waiting.length === 0) this.#lanes.delete(lane);
    }
    if (this.#lanes.size > 0) this.#endSoon();
  }
}
