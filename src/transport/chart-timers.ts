/**
 * Scheduler for the delayed events of all charts. It replaces XState's own, which walks every pending timer of the system
 * whenever one actor stops: ten thousand grace periods that ended together stalled the event loop for seconds
 * (docs/adr/0006). It also gives two guarantees that Node's timers do not:
 *
 * - A due event is delivered after sockets have been read. A pong that was in the kernel when its deadline passed, because
 *   the event loop was stalled, counts.
 * - Events that are due together are delivered in slices, and sockets are read between slices.
 *
 * `test/transport/chart-timers.test.ts` fails if an xstate upgrade bypasses it.
 */
import type { AnyActorRef, EventObject } from 'xstate';
import { deliver } from '../machines/delivery.ts';
import { TIMER_SLICE_MS } from '../protocol/limits.ts';

interface Timer {
  readonly source: AnyActorRef;
  readonly target: AnyActorRef;
  readonly event: EventObject;
  readonly id: string;
  readonly delayMs: number;
  /** On the clock of `nowMs`. Rounded: a whole number needs no object of its own. */
  readonly dueAtMs: number;
  handle: NodeJS.Timeout | undefined;
  isCancelled: boolean;
  /** Timers of the same source. Each of our actors has one or two. */
  next: Timer | undefined;
}

/** A delayed event that has not been delivered. `leftMs` is 0 if it is due. */
export interface RunningTimer {
  readonly event: string;
  readonly leftMs: number;
  readonly delayMs: number;
}

export class ChartTimers {
  readonly #firstBySource = new Map<AnyActorRef, Timer>();
  /** Their delay has passed; they wait for delivery. */
  #due: Timer[] = [];
  #nextDue = 0;
  #armed = 0;
  #lastUnnamed = 0;
  readonly #failed: (error: unknown) => void;
  readonly #nowMs: () => number;

  /** @param failed called with each exception of a delivery; the remaining timers are still delivered */
  constructor(failed: (error: unknown) => void, nowMs: () => number = () => performance.now()) {
    this.#failed = failed;
    this.#nowMs = nowMs;
  }

  /** Delayed events that are neither delivered nor cancelled. */
  get armed(): number {
    return this.#armed;
  }

  /** Those that `source` has set for itself, the latest first. */
  runningOf(source: AnyActorRef): readonly RunningTimer[] {
    const running: RunningTimer[] = [];
    for (let timer = this.#firstBySource.get(source); timer !== undefined; timer = timer.next) {
      const { event, dueAtMs, delayMs } = timer;
      running.push({ event: event.type, leftMs: Math.max(0, Math.round(dueAtMs - this.#nowMs())), delayMs });
    }
    return running;
  }

  /** Call once, before the root actor of `system` starts. */
  install({ scheduler }: AnyActorRef['system']): void {
    scheduler.schedule = (source, target, event, delayMs, id) =>
      this.schedule(source, target, event, delayMs, id);
    scheduler.cancel = (source, id) => this.cancel(source, id);
    scheduler.cancelAll = (source) => this.cancelAll(source);
  }

  schedule(
    source: AnyActorRef,
    target: AnyActorRef,
    event: EventObject,
    delayMs: number,
    id = `unnamed.${++this.#lastUnnamed}`,
  ): void {
    // A second timer with the same id replaces the first.
    this.cancel(source, id);
    const next = this.#firstBySource.get(source);
    const dueAtMs = Math.round(this.#nowMs() + delayMs);
    const timer: Timer = {
      source,
      target,
      event,
      id,
      delayMs,
      dueAtMs,
      handle: undefined,
      isCancelled: false,
      next,
    };
    timer.handle = setTimeout(this.#queue, delayMs, timer);
    this.#firstBySource.set(source, timer);
    this.#armed++;
  }

  cancel(source: AnyActorRef, id: string): void {
    let timer = this.#firstBySource.get(source);
    while (timer !== undefined && timer.id !== id) timer = timer.next;
    if (timer !== undefined) this.#drop(timer);
  }

  cancelAll(source: AnyActorRef): void {
    for (let timer = this.#firstBySource.get(source); timer !== undefined; timer = timer.next)
      this.#drop(timer);
  }

  #drop(timer: Timer): void {
    clearTimeout(timer.handle);
    timer.isCancelled = true;
    this.#unlink(timer);
  }

  #unlink(timer: Timer): void {
    this.#armed--;
    const first = this.#firstBySource.get(timer.source);
    if (first === timer) {
      if (timer.next === undefined) this.#firstBySource.delete(timer.source);
      else this.#firstBySource.set(timer.source, timer.next);
      return;
    }
    let before = first;
    while (before !== undefined && before.next !== timer) before = before.next;
    if (before !== undefined) before.next = timer.next;
  }

  readonly #queue = (timer: Timer): void => {
    this.#due.push(timer);
    // Immediates run after the poll phase, in which Node reads the sockets.
    if (this.#due.length === 1) setImmediate(this.#deliverSlice);
  };

  readonly #deliverSlice = (): void => {
    const startedMs = this.#nowMs();
    try {
      for (let timer = this.#due[this.#nextDue]; timer !== undefined; timer = this.#due[this.#nextDue]) {
        this.#nextDue++;
        if (!timer.isCancelled) this.#deliver(timer);
        if (this.#nowMs() - startedMs >= TIMER_SLICE_MS) break;
      }
    } finally {
      // Even after an exception, the remaining timers must be delivered.
      if (this.#nextDue < this.#due.length) setImmediate(this.#deliverSlice);
      else this.#due = [];
      if (this.#due.length === 0) this.#nextDue = 0;
    }
  };

  #deliver(timer: Timer): void {
    this.#unlink(timer);
    try {
      deliver(timer.source, timer.target, timer.event);
    } catch (error) {
      this.#failed(error);
    }
  }
}
