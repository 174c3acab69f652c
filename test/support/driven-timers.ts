/** Timers of charts, and a wall clock, that only the test moves. */
import type { AnyActorRef, EventObject } from 'xstate';
import { deliver } from '../../src/machines/delivery.ts';

interface Timer {
  readonly source: AnyActorRef;
  readonly target: AnyActorRef;
  readonly event: EventObject;
  readonly id: string;
  readonly atMs: number;
}

export class DrivenTimers {
  nowMs: number;
  #timers: Timer[] = [];

  constructor(nowMs = Date.now()) {
    this.nowMs = nowMs;
  }

  install({ scheduler }: AnyActorRef['system']): void {
    scheduler.schedule = (source, target, event, delayMs, id = 'unnamed') => {
      this.#timers.push({ source, target, event, id, atMs: this.nowMs + delayMs });
    };
    scheduler.cancel = (source, id) => {
      this.#timers = this.#timers.filter((timer) => timer.source !== source || timer.id !== id);
    };
    scheduler.cancelAll = (source) => {
      this.#timers = this.#timers.filter((timer) => timer.source !== source);
    };
  }

  get armed(): number {
    return this.#timers.length;
  }

  /** The actors of those that are armed, and the time until each, the next one first. */
  get pending(): { readonly actor: string; readonly leftMs: number }[] {
    return this.#timers
      .map(({ source, atMs }) => ({ actor: source.id, leftMs: atMs - this.nowMs }))
      .toSorted((a, b) => a.leftMs - b.leftMs);
  }

  /** Moves the clock by `ms`, and delivers what is due on the way. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const [next] = this.#timers.toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > endMs) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      deliver(next.source, next.target, next.event);
    }
    this.nowMs = endMs;
  }
}
