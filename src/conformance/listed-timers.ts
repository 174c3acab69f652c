/** A scheduler that never fires by itself: it lists a system's pending timers, and a test fires them in any order. */
import type { AnyActorRef, EventObject } from 'xstate';
import { deliver } from '../machines/delivery.ts';

interface Timer {
  readonly source: AnyActorRef;
  readonly target: AnyActorRef;
  readonly event: EventObject;
  readonly id: string;
}

export class ListedTimers {
  #timers: Timer[] = [];
  #lastUnnamed = 0;

  /** Call once, before the root actor of `system` starts. */
  install({ scheduler }: AnyActorRef['system']): void {
    scheduler.schedule = (source, target, event, _delayMs, id = `unnamed-${++this.#lastUnnamed}`) => {
      this.#timers.push({ source, target, event, id });
    };
    scheduler.cancel = (source, id) => {
      this.#timers = this.#timers.filter((timer) => timer.source !== source || timer.id !== id);
    };
    scheduler.cancelAll = (source) => {
      this.#timers = this.#timers.filter((timer) => timer.source !== source);
    };
  }

  /** Ids of the actors with pending timers, in the order in which the timers were set. */
  get actorIds(): readonly string[] {
    return this.#timers.map(({ source }) => source.id);
  }

  /** Fires the actor's oldest timer. False if it has none. */
  fire(actorId: string): boolean {
    const timer = this.#timers.find(({ source }) => source.id === actorId);
    if (timer === undefined) return false;
    this.#timers = this.#timers.filter((other) => other !== timer);
    deliver(timer.source, timer.target, timer.event);
    return true;
  }
}
