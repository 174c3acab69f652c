/**
 * One turn of the event loop. Everything readable is read first; then the outboxes that were written to are flushed
 * together, so that a burst to one destination becomes one system call (architecture.md section 6).
 */
export interface Flushable {
  flush(): void;
}

/** Fairness group. Any key does; readers with the same key share one. */
export type Lane = string | object;

/** A socket that has read its share, and waits for its lane's next turn. */
export interface Reader {
  readonly lane: Lane;
  /** @returns false if paused or closed; the next reader in the lane gets this turn */
  takeTurn(): boolean;
}

export class Turn {
  readonly #failed: (error: unknown) => void;
  #written: Flushable[] = [];
  /** The readers that wait, by lane, oldest first. A lane without one is not kept. */
  readonly #lanes = new Map<Lane, Reader[]>();
  #isEnding = false;
  #count = 0;

  /** @param failed told of each fault: one outbox or reader that throws must not cost the others their turn */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** Grows with every turn in which something was forwarded or a reader waited. */
  get count(): number {
    return this.#count;
  }

  /** Flushes `outbox` at the end of this turn. */
  add(outbox: Flushable): void {
    this.#written.push(outbox);
    this.#endSoon();
  }

  /** Lets `reader` take a turn once all other sockets have been read, and the readers before it in its lane. */
  queue(reader: Reader): void {
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
    const written = this.#written;
    this.#written = [];
    this.#isEnding = false;
    this.#count++;
    for (const outbox of written) {
      try {
        outbox.flush();
      } catch (error) {
        this.#failed(error);
      }
    }
    for (const lane of this.#lanes.keys()) this.#resumeOne(lane);
    if (this.#lanes.size > 0) this.#endSoon();
  };

  /** Resumes one reader per lane: extra sockets buy no extra bandwidth. */
  #resumeOne(lane: Lane): void {
    const waiting = this.#lanes.get(lane) ?? [];
    for (let reader = waiting.shift(); reader !== undefined; reader = waiting.shift()) {
      try {
        if (reader.takeTurn()) break;
      } catch (error) {
        this.#failed(error);
      }
    }
    if (waiting.length === 0) this.#lanes.delete(lane);
  }
}
