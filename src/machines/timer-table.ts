/**
 * The delayed events of a whole actor system, found by their actor. XState's own scheduler keeps all of them in two tables
 * under composed names and walks one table whenever an actor stops: ten thousand grace periods that end together would stall
 * the event loop for seconds, and one more connection costs the more the more there are (docs/performance.md).
 * `test/machines/timer-table.test.ts` fails when an xstate upgrade goes around it.
 */
import type { AnyActorRef, EventObject } from 'xstate';

type System = AnyActorRef['system'];

/** Those of one actor hang together: an actor of ours has one or two. */
interface Timer {
  readonly id: string;
  readonly handle: unknown;
  next: Timer | undefined;
}

/** Delivers an event, and shows it to inspection together with its source. XState leaves it out of its types. */
interface Delivery {
  _relay(source: AnyActorRef, target: AnyActorRef, event: EventObject): void;
}

export class TimerTable {
  readonly #system: System & Delivery;
  readonly #firstByActor = new Map<AnyActorRef, Timer>();
  #armed = 0;
  #lastUnnamed = 0;

  constructor(system: System) {
    // Held by the test above, which sees a delayed event arrive, with its source.
    this.#system = system as System & Delivery;
  }

  /** How many delayed events are under way. */
  get armed(): number {
    return this.#armed;
  }

  schedule(
    source: AnyActorRef,
    target: AnyActorRef,
    event: EventObject,
    delayMs: number,
    id = `unnamed.${++this.#lastUnnamed}`,
  ): void {
    // One timer under one name: an older one would fire as well, and take this one's place in the list with it.
    this.cancel(source, id);
    const fire = (): void => {
      this.#take(source, id);
      this.#system._relay(source, target, event);
    };
    const handle: unknown = this.#system._clock.setTimeout(fire, delayMs);
    this.#firstByActor.set(source, { id, handle, next: this.#firstByActor.get(source) });
    this.#armed++;
  }

  cancel(source: AnyActorRef, id: string): void {
    const timer = this.#take(source, id);
    if (timer !== undefined) this.#system._clock.clearTimeout(timer.handle);
  }

  cancelAll(source: AnyActorRef): void {
    let timer = this.#firstByActor.get(source);
    if (timer === undefined) return;
    this.#firstByActor.delete(source);
    for (; timer !== undefined; timer = timer.next) {
      this.#armed--;
      this.#system._clock.clearTimeout(timer.handle);
    }
  }

  #take(source: AnyActorRef, id: string): Timer | undefined {
    let before: Timer | undefined;
    let timer = this.#firstByActor.get(source);
    for (; timer !== undefined && timer.id !== id; timer = timer.next) before = timer;
    if (timer === undefined) return undefined;
    if (before !== undefined) before.next = timer.next;
    else if (timer.next !== undefined) this.#firstByActor.set(source, timer.next);
    else this.#firstByActor.delete(source);
    this.#armed--;
    return timer;
  }
}

/** Call once, before the root actor starts. */
export const keepTimers = (system: System): TimerTable => {
  const table = new TimerTable(system);
  const { scheduler } = system;
  scheduler.schedule = (source, target, event, delayMs, id) =>
    table.schedule(source, target, event, delayMs, id);
  scheduler.cancel = (source, id) => table.cancel(source, id);
  scheduler.cancelAll = (source) => table.cancelAll(source);
  return table;
};
