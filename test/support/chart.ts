/**
 * A chart on a clock that only the test moves, under a parent that stands in for the directory. Everything the chart tells
 * others or emits is recorded in order, and each call returns what it caused, so a test states cause and effect in
 * one line.
 */
import {
  type Actor,
  type AnyActorLogic,
  type AnyActorRef,
  createActor,
  type EmittedFrom,
  type EventFromLogic,
  fromTransition,
  SimulatedClock,
  type SnapshotFrom,
} from 'xstate';
import type { ConnectionCommand } from '../../src/machines/connection-messages.ts';
import type { DirectoryRequest } from '../../src/machines/directory-request.ts';
import type { ServerEvent } from '../../src/machines/server-messages.ts';

/** Longer than any delay in the tests: a timer that has not fired by then never will. */
export const FAR_FUTURE_MS = 3_600_000;

/** What a chart told another actor through the directory: the other's server-id or conn id, and the event. */
export type Told = readonly [to: string, event: ServerEvent | ConnectionCommand];
export type Said<TLogic extends AnyActorLogic> = Told | EmittedFrom<TLogic>;

const unwrap = (request: DirectoryRequest): Told[] =>
  request.type === 'tell.server'
    ? [[request.serverId, request.event]]
    : request.connIds.map((connId) => [connId, request.event]);

/** Omits XState's own reports of a child's end: the snapshot shows it. */
const isRequest = (event: DirectoryRequest | { type: 'xstate.done.actor' }): event is DirectoryRequest =>
  event.type.startsWith('tell.');

const createParent = (clock: SimulatedClock, hear: (told: readonly Told[]) => void): AnyActorRef =>
  createActor(
    fromTransition((state: null, event: DirectoryRequest | { type: 'xstate.done.actor' }) => {
      if (isRequest(event)) hear(unwrap(event));
      return state;
    }, null),
    { clock },
  ).start();

export class ChartRun<TLogic extends AnyActorLogic> {
  readonly actor: Actor<TLogic>;
  readonly #clock = new SimulatedClock();
  readonly #said: Said<TLogic>[] = [];

  constructor(create: (options: { readonly parent: AnyActorRef }) => Actor<TLogic>) {
    this.actor = create({ parent: createParent(this.#clock, (told) => this.#said.push(...told)) });
    this.actor.on('*', (emitted) => this.#said.push(emitted));
    this.actor.start();
  }

  get snapshot(): SnapshotFrom<TLogic> {
    return this.actor.getSnapshot();
  }

  /** Sends these in order, and returns what was said. */
  send(...events: readonly EventFromLogic<TLogic>[]): Said<TLogic>[] {
    for (const event of events) this.actor.send(event);
    return this.#heard();
  }

  /** Advances the clock, and returns what was said. */
  advance(ms: number): Said<TLogic>[] {
    this.#clock.increment(ms);
    return this.#heard();
  }

  /** @throws what the chart threw: a chart that failed must not look like a silent one */
  #heard(): Said<TLogic>[] {
    const { status, error } = this.actor.getSnapshot();
    if (status === 'error') throw error;
    return this.#said.splice(0);
  }
}
