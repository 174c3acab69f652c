/**
 * The clock of the charts. All their delays are a few settings, so the timers of each delay stand in a queue in the order in
 * which they end; one timer of Node's waits for the first of all. What ends together is worked off in slices: ten thousand
 * grace periods must not keep everybody else waiting (docs/performance.md).
 */
import { MAX_TIMER_MS, TIMER_SLICE_MS } from '../protocol/limits.ts';

interface Timer {
  readonly fire: () => void;
  readonly dueMs: number;
  readonly queue: TimerQueue;
  isPending: boolean;
  previous: Timer | undefined;
  next: Timer | undefined;
}

/** The timers of one delay, oldest first. */
interface TimerQueue {
  readonly delayMs: number;
  first: Timer | undefined;
  last: Timer | undefined;
}

/** As in Node, shorter delays are this long. */
const SHORTEST_MS = 1;

export class ChartClock {
  readonly #queues = new Map<number, TimerQueue>();
  readonly #now: () => number;
  /** Waits for `#wakeAtMs`. */
  #sleep: NodeJS.Timeout | undefined;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #isWorking = false;

  /** @param now milliseconds that only ever grow */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  setTimeout(fire: () => void, delayMs: number): Timer {
    const delay = delayMs >= SHORTEST_MS ? delayMs : SHORTEST_MS;
    let queue = this.#queues.get(delay);
    if (queue === undefined) {
      queue = { delayMs: delay, first: undefined, last: undefined };
      this.#queues.set(delay, queue);
    }
    const dueMs = this.#now() + delay;
    const timer: Timer = { fire, dueMs, queue, isPending: true, previous: queue.last, next: undefined };
    if (queue.last === undefined) queue.first = timer;
    else queue.last.next = timer;
    queue.last = timer;
    if (dueMs < this.#wakeAtMs && !this.#isWorking) this.#sleepUntil(dueMs);
    return timer;
  }

  /** Nothing happens when it has fired or been cleared before. */
  clearTimeout(timer: Timer): void {
    if (!timer.isPending) return;
    timer.isPending = false;
    const { queue, previous, next } = timer;
    if (previous === undefined) queue.first = next;
    else previous.next = next;
    if (next === undefined) queue.last = previous;
    else next.previous = previous;
    // Whoever set it may hold on to it: it must not hold on to others.
    timer.previous = undefined;
    timer.next = undefined;
    if (queue.first !== undefined) return;
    this.#queues.delete(queue.delayMs);
    // Nobody is left to wake for, and Node's timer would keep the process from ending.
    if (this.#queues.size === 0 && !this.#isWorking) this.#sleepUntil(Number.POSITIVE_INFINITY);
  }

  /** The timer that ends first of all. */
  #first(): Timer | undefined {
    let first: Timer | undefined;
    for (const queue of this.#queues.values()) {
      if (queue.first !== undefined && (first === undefined || queue.first.dueMs < first.dueMs))
        first = queue.first;
    }
    return first;
  }

  #sleepUntil(wakeAtMs: number): void {
    clearTimeout(this.#sleep);
    this.#wakeAtMs = wakeAtMs;
    this.#sleep =
      wakeAtMs === Number.POSITIVE_INFINITY
        ? undefined
        : setTimeout(this.#work, Math.min(Math.max(Math.ceil(wakeAtMs - this.#now()), 0), MAX_TIMER_MS));
  }

  readonly #work = (): void => {
    const startedMs = this.#now();
    this.#isWorking = true;
    let next: Timer | undefined;
    try {
      for (next = this.#first(); next !== undefined && next.dueMs <= startedMs; next = this.#first()) {
        this.clearTimeout(next);
        next.fire();
        if (this.#now() - startedMs >= TIMER_SLICE_MS) break;
      }
    } finally {
      // Also when one has thrown: the others are not to blame.
      this.#isWorking = false;
      this.#goOn(startedMs);
    }
  };

  #goOn(nowMs: number): void {
    const next = this.#first();
    if (next === undefined || next.dueMs > nowMs) {
      this.#sleepUntil(next?.dueMs ?? Number.POSITIVE_INFINITY);
      return;
    }
    // Sockets are read and written before the next slice.
    this.#wakeAtMs = Number.NEGATIVE_INFINITY;
    setImmediate(this.#work);
  }
}
