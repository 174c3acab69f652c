/**
 * A chart on a clock that only the test moves. Whatever it emits is written down from before it starts, and
 * each call answers with what it brought about, so a test states cause and effect in one line.
 */
import {
  type Actor,
  type AnyActorLogic,
  type EmittedFrom,
  type EventFromLogic,
  SimulatedClock,
  type SnapshotFrom,
} from 'xstate';

/** Longer than any delay of any chart in the tests: what has not fired by then never will. */
export const FAR_FUTURE_MS = 3_600_000;

export class ChartRun<TLogic extends AnyActorLogic> {
  readonly actor: Actor<TLogic>;
  readonly #clock: SimulatedClock;
  readonly #emitted: EmittedFrom<TLogic>[] = [];

  constructor(actor: Actor<TLogic>, clock: SimulatedClock) {
    this.actor = actor;
    this.#clock = clock;
    actor.on('*', (emitted) => this.#emitted.push(emitted));
    actor.start();
  }

  get snapshot(): SnapshotFrom<TLogic> {
    return this.actor.getSnapshot();
  }

  /** Sends these in order; what was emitted on the way. */
  send(...events: readonly EventFromLogic<TLogic>[]): EmittedFrom<TLogic>[] {
    for (const event of events) this.actor.send(event);
    return this.#emitted.splice(0);
  }

  /** Lets time pass; what was emitted meanwhile. */
  advance(ms: number): EmittedFrom<TLogic>[] {
    this.#clock.increment(ms);
    return this.#emitted.splice(0);
  }
}

/** Starts the actor that `create` makes; it must run on the given clock. */
export const runChart = <TLogic extends AnyActorLogic>(
  create: (clock: SimulatedClock) => Actor<TLogic>,
): ChartRun<TLogic> => {
  const clock = new SimulatedClock();
  return new ChartRun(create(clock), clock);
};
