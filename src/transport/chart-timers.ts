/**
 * The delayed events of all charts: takes the place of XState's scheduler, which walks every pending timer of the system
 * whenever one actor stops. Ten thousand grace periods that end together stalled the event loop for seconds
 * (docs/adr/0006). Two more things that Node's timers do not give:
 *
 * - A due event is delivered after the sockets have been read. A pong that lies in the kernel when its deadline passes,
 *   because the event loop was stalled, counts.
 * - Events that are due together are delivered in slices, and sockets are read between two slices.
 *
 * `test/transport/chart-timers.test.ts` fails when an xstate upgrade goes around it.
 */
import type { AnyActorRef, EventObject } from 'xstate';
import { deliver } from '../machines/delivery.ts';
import { TIMER_SLICE_MS } from '../protocol/limits.ts';

interface Timer {
  readonly source: AnyActorRef;
  readonly target: AnyActorRef;
  readonly event: EventObject;
  readonly id: string;
  handle: NodeJS.Timeout | undefined;
  isCancelled: boolean;
  /** Of the same source: an actor of ours has one or two. */
  next: Timer | undefined;
}

export class ChartTimers {
  readonly #firstBySource = new Map<AnyActorRef, Timer>();
  /** Their delay is over, and they wait for delivery. */
  #due: Timer[] = [];
  #nextDue = 0;
  #armed = 0;
  #lastUnnamed = 0;
  readonly #failed: (error: unknown) => void;
  readonly #nowMs: () => number;

  /** @param failed told of each delivery that throws: the other timers are not to suffer for it */
  constructor(failed: (error: unknown) => void, nowMs: () => number = () => performance.now()) {
    this.#failed = failed;
    this.#nowMs = nowMs;
  }

  /** Delayed events that are neither delivered nor cancelled. */
  get armed(): number {
    return this.#armed;
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
    // A second timer of the same name replaces the first one.
    this.cancel(source, id);
    const next = this.#firstBySource.get(source);
    const timer: Timer = { source, target, event, id, handle: undefined, isCancelled: false, next };
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
    // Immediates run after the poll phase, in which Node reads what the sockets have received.
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
      // Whatever happened, the timers that are left must be delivered.
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
