/** A clock for actors that stands still until it is moved. */
import type { ActorOptions, AnyActorLogic } from 'xstate';

type Clock = NonNullable<ActorOptions<AnyActorLogic>['clock']>;

interface Timeout {
  readonly dueMs: number;
  readonly fire: () => void;
}

export class DrivenClock implements Clock {
  #nowMs = 0;
  #lastId = 0;
  readonly #timeouts = new Map<number, Timeout>();

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Ms until the next timer fires; undefined if none runs. */
  get nextInMs(): number | undefined {
    const next = this.#next();
    return next && next[1].dueMs - this.#nowMs;
  }

  setTimeout(fire: () => void, delayMs: number): number {
    this.#timeouts.set(++this.#lastId, { dueMs: this.#nowMs + delayMs, fire });
    return this.#lastId;
  }

  clearTimeout(id: number): void {
    this.#timeouts.delete(id);
  }

  /** Fires each timer that is due by then, in order. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    while (this.#nowMs + (this.nextInMs ?? Number.POSITIVE_INFINITY) <= untilMs) this.fireNext();
    this.#nowMs = untilMs;
  }

  /** Goes to the timer that is due first, of several the one that was set first, and fires it. False if none runs. */
  fireNext(): boolean {
    const next = this.#next();
    if (next === undefined) return false;
    const [id, { dueMs, fire }] = next;
    this.#timeouts.delete(id);
    this.#nowMs = dueMs;
    fire();
    return true;
  }

  #next(): readonly [id: number, Timeout] | undefined {
    return [...this.#timeouts].toSorted(([, a], [, b]) => a.dueMs - b.dueMs)[0];
  }
}
