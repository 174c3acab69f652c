/**
 * One turn of the event loop. Everything readable is read first; then all outboxes with new messages are flushed
 * together, so that a burst to one destination becomes one system call (architecture.md section 6).
 */
export interface Flushable {
  flush(): void;
}

/** Fairness group. Any value works as a key; readers with the same key share one lane. */
export type Lane = string | object;

/** A socket that has read its share and waits for its lane's next turn. */
export interface Reader {
  readonly lane: Lane;
  /** @returns false if paused or closed; the next reader in the lane gets this turn */
  takeTurn(): boolean;
}

export class Turn {
  readonly #failed: (error: unknown) => void;
  #written: Flushable[] = [];
  /** Waiting readers by lane, longest waiting first. Empty lanes are removed. */
  readonly #lanes = new Map<Lane, Reader[]>();
  #isEnding = false;
  #count = 0;

  /** @param failed called with each exception: an outbox or reader that throws must not cost others their turn */
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

  /** Gives `reader` a turn after all other sockets have been read and after earlier readers of its lane. */
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
