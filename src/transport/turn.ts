/**
 * One turn of the event loop. Everything readable is read first; then all outboxes with new messages are flushed
 * together, so that a burst to one destination becomes one system call (architecture.md section 6). Only what is short does not wait for
 * long reads in the same turn. Short ones are first, and what takes too long is left to the next turn: of 250 binaries that begin to
 * flood, one turn brought 20 ms of writes, and others waited for them.
 */
import { MOST_TURNS_BEHIND, TURN_FRAMES, TURN_PARSE_MS, TURN_WRITE_MS } from '../protocol/limits.ts';
import { ReadingPace, type Rest, type RestReason } from './reading-pace.ts';
import { type Reader, WaitingReaders } from './waiting-readers.ts';

export interface Flushable {
  /**
   * Whether its flush may wait for another turn, behind those that are short. One that says false may also be flushed before the
   * turn ends; without a word, at its end.
   */
  readonly isLong?: boolean;
  flush(): void;
}

/** When the sockets that wait for their turns are read more slowly. */
export interface RestRule {
  isShort(): boolean;
  /** Called at the begin of each rest, for this reason or because many wait. */
  rested(reason: RestReason): void;
}

export class Turn {
  readonly #failed: (error: unknown) => void;
  readonly #nowMs: () => number;
  readonly #waiting: WaitingReaders;
  readonly #pace: ReadingPace;
  #written: Flushable[] = [];
  /** So many of these have been looked at already: thousands can be left beside as many long reads. */
  #notShort = 0;
  /** In how many turns, one after the other, writes were left. */
  #turnsBehind = 0;
  #isEnding = false;
  #count = 0;
  #frames = 0;
  readonly #holders = new Set<object>();
  #restRule: RestRule | undefined;
  #isResting = false;
  /** When the first frame of this turn was parsed. */
  #parsingSinceMs = 0;

  /** @param failed called with each exception: an outbox or reader that throws must not cost others their turn */
  constructor(failed: (error: unknown) => void, nowMs: () => number = () => performance.now()) {
    this.#failed = failed;
    this.#nowMs = nowMs;
    this.#waiting = new WaitingReaders(failed, () => this.isOver);
    this.#pace = new ReadingPace(() => this.#restRule?.isShort() === true, nowMs);
  }

  /** Grows with every turn in which a frame was parsed, something was forwarded or a reader waited. */
  get count(): number {
    return this.#count;
  }

  /** Counts a frame of any socket. @returns true if this turn has brought as many as it should */
  addFrame(): boolean {
    if (this.#frames++ === 0) {
      this.#parsingSinceMs = this.#nowMs();
      // A turn ends even if its frames forward nothing: pings, pongs and dropped envelopes.
      this.#endSoon();
    }
    return this.isOver;
  }

  /** Whether it has brought as much as it should, of all sockets. */
  get isOver(): boolean {
    if (this.#isBehind || this.#holders.size > 0) return true;
    if (this.#frames >= TURN_FRAMES) return true;
    return this.#frames > 0 && this.#nowMs() - this.#parsingSinceMs >= TURN_PARSE_MS;
  }

  /** Writes are left, and this is not one of the turns in which waiting sockets are read all the same. */
  get #isBehind(): boolean {
    return this.#turnsBehind % MOST_TURNS_BEHIND > 0;
  }

  /** Flushes `outbox` at the end of this turn, or before a long read in it if it is short. */
  add(outbox: Flushable): void {
    this.#written.push(outbox);
    this.#endSoon();
  }

  /** Gives `reader` a turn after all other sockets have been read and after those that have waited longer. */
  queue(reader: Reader): void {
    this.#waiting.add(reader);
    this.#endSoon();
  }

  /** Sockets that wait for a turn get none until each holder has released them: while memory is short, they would take more. */
  holdReaders(holder: object): void {
    this.#holders.add(holder);
  }

  releaseReaders(holder: object): void {
    this.#holders.delete(holder);
    if (!this.#waiting.isEmpty) this.#endSoon();
  }

  /** While memory is short, sockets that wait are read with rests between them. */
  restBy(rule: RestRule): void {
    this.#restRule = rule;
  }

  #endSoon(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    setImmediate(this.#end);
  }

  readonly #end = (): void => {
    this.#isEnding = false;
    this.#count++;
    this.#frames = 0;
    this.#flush();
    if (this.#isBehind || this.#holders.size > 0 || this.#isResting || this.#waiting.isEmpty) {
      this.#pace.interrupt();
      return;
    }
    const { readers, rest } = this.#pace.next(this.#waiting.laneCount);
    if (readers > 0) this.#waiting.resume(readers);
    if (rest !== undefined) this.#rest(rest);
    else if (!this.#waiting.isEmpty) this.#endSoon();
  };

  /**
   * Writes what is short now, in front of a read that takes long to parse. Otherwise a frame that came a moment before waits until all that
   * flood have been read and parsed in this turn.
   */
  writeShort(): void {
    const written = this.#written;
    for (const outbox of written.splice(this.#notShort)) {
      if (outbox.isLong === false) this.#flushOne(outbox);
      else written.push(outbox);
    }
    this.#notShort = written.length;
  }

  #flush(): void {
    const written = this.#written;
    this.#written = [];
    this.#notShort = 0;
    const long: Flushable[] = [];
    for (const outbox of written) {
      if (outbox.isLong === true) long.push(outbox);
      else this.#flushOne(outbox);
    }
    const startMs = this.#nowMs();
    let flushed = 0;
    for (const outbox of long) {
      if (this.#nowMs() - startMs >= TURN_WRITE_MS) break;
      this.#flushOne(outbox);
      flushed++;
    }
    if (flushed === long.length) {
      this.#turnsBehind = 0;
      return;
    }
    this.#turnsBehind++;
    // Those that have waited longest are first in the next turn.
    this.#written = [...long.slice(flushed), ...this.#written];
    this.#endSoon();
  }

  #flushOne(outbox: Flushable): void {
    try {
      outbox.flush();
    } catch (error) {
      this.#failed(error);
    }
  }

  #rest({ reason, ms }: Rest): void {
    this.#isResting = true;
    setTimeout(() => {
      this.#isResting = false;
      if (!this.#waiting.isEmpty) this.#endSoon();
    }, ms);
    this.#restRule?.rested(reason);
  }
}
