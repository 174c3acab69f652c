/** The chart itself as the subject of a test: an actor on a clock that only the test moves. */
import {
  type Actor,
  type AnyActorRef,
  type AnyStateMachine,
  createActor,
  type EventFromLogic,
  type EventObject,
  fromTransition,
  type InputFrom,
  type SnapshotFrom,
} from 'xstate';
import { DrivenClock } from './driven-clock.ts';
import { type ArmedTimer, isTimer } from './explore.ts';

/** Another timer is due before this one, so the step cannot happen in this order. */
export class OutOfTurn extends Error {
  override readonly name = 'OutOfTurn';
}

export class ChartSubject<M extends AnyStateMachine> {
  readonly clock = new DrivenClock();
  /** What the chart has sent to its parent, in order. */
  readonly sent: EventObject[] = [];
  /** What the chart has emitted, in order. */
  readonly emitted: EventObject[] = [];
  readonly actor: Actor<M>;
  readonly #root: AnyActorRef;
  readonly #fired: string[] = [];

  constructor(machine: M, input?: InputFrom<M>) {
    // A chart that sends to its parent has one here.
    const parent = fromTransition((state: null, event: EventObject) => {
      this.sent.push(event);
      return state;
    }, null);
    const root = createActor(parent, { clock: this.clock }).start();
    this.#root = root;
    // The constructor of an actor of M takes the input of M; the optional one needs no value.
    this.actor = createActor<M>(machine, { parent: root, input } as never);
    this.actor.on('*', (event) => this.emitted.push(event));
    root.system.inspect((inspected) => {
      if (inspected.type !== '@xstate.event' || inspected.actorRef !== this.actor) return;
      if (isTimer(inspected.event.type)) this.#fired.push(inspected.event.type);
    });
    this.actor.start();
  }

  get state(): SnapshotFrom<M> {
    return this.actor.getSnapshot();
  }

  /**
   * Sends the event, or lets time pass until the timer fires.
   * @returns ms that have passed
   * @throws OutOfTurn if another timer is due first; what the chart threw, if an action or a guard of it did
   */
  take(trigger: EventFromLogic<M> | ArmedTimer): number {
    const beforeMs = this.clock.nowMs;
    // Every event of a machine is an EventObject, which the compiler does not see for a generic one.
    const { type } = trigger as EventObject;
    if (isTimer(type)) this.#waitFor(type);
    else this.actor.send(trigger as EventFromLogic<M>);
    this.#throwError();
    return this.clock.nowMs - beforeMs;
  }

  /**
   * Lets time pass.
   * @throws what the chart threw, if an action or a guard of it did
   */
  wait(ms: number): void {
    this.clock.advance(ms);
    this.#throwError();
  }

  stop(): void {
    this.#root.stop();
  }

  #throwError(): void {
    const { status, error }: { status: string; error?: unknown } = this.state;
    if (status === 'error') throw error;
  }

  #waitFor(type: string): void {
    this.#fired.length = 0;
    while (this.#fired.length === 0) {
      if (!this.clock.fireNext()) throw new OutOfTurn(`${type} does not run`);
    }
    const [fired] = this.#fired;
    if (fired !== type) throw new OutOfTurn(`${fired} is due before ${type}`);
  }
}
