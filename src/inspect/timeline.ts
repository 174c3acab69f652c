/** Builds one server-id's timeline of the events between its actors, from XState inspection, while a page watches. */
import { type InspectedActionEvent, type InspectionEvent, isMachineSnapshot } from 'xstate';
import { activeStates } from '../machines/active-states.ts';
import { MAX_PENDING_EVENTS } from './inspect-limits.ts';
import { describeMessage } from './message.ts';
import { takenTransitions } from './taken-transitions.ts';
import type { Message, Party, TakenTransition, TimelineEvent } from './updates.ts';

interface Draft extends TimelineEvent {
  /** The event object itself, used only for comparison. */
  readonly told: object;
  readonly taken: TakenTransition[];
  readonly orders: Message[];
  readonly reports: Message[];
  state: string;
  isIgnored: boolean;
  isShown: boolean;
}

/** "claimed.held.live"; '' for actors that are not charts. */
const describeState = (snapshot: unknown): string =>
  isMachineSnapshot(snapshot) ? (activeStates(snapshot).at(-1)?.path.join('.') ?? '') : '';

const emittedIn = ({ action: { type, params } }: InspectedActionEvent): object | undefined => {
  if (type !== 'xstate.emit' || typeof params !== 'object' || params === null) return undefined;
  const emitted: unknown = Reflect.get(params, 'event');
  return typeof emitted === 'object' && emitted !== null ? emitted : undefined;
};

/** The types of a connection's orders to its socket end in `.due`; all other emitted events are reports. */
const isOrder = ({ type }: Message): boolean => type.endsWith('.due');

export class Timeline {
  /** By actor, in mailbox order: an actor can be sent its next event before it has finished the current one. */
  readonly #drafts = new WeakMap<object, Draft[]>();
  /** In the order of sending. An actor finishes what it sends to others before it finishes the event that caused it. */
  #pending: Draft[] = [];
  #last = 0;

  /** An actor was sent an event. */
  begin(recipient: object, event: { readonly type: string }, from: Party, to: Party): void {
    const draft: Draft = {
      n: ++this.#last,
      atMs: Date.now(),
      from,
      to,
      message: describeMessage(event, from, to),
      told: event,
      taken: [],
      orders: [],
      reports: [],
      state: '',
      isIgnored: false,
      // The directory has no states, so its events are shown without one.
      isShown: to.kind === 'directory',
    };
    this.#pending.push(draft);
    if (this.#pending.length > MAX_PENDING_EVENTS) this.#pending = this.#pending.slice(-MAX_PENDING_EVENTS);
    if (draft.isShown) return;
    const queue = this.#drafts.get(recipient) ?? [];
    queue.push(draft);
    this.#drafts.set(recipient, queue);
  }

  /** The recipient processes its event. */
  observe(inspected: InspectionEvent): void {
    const ref = inspected.actorRef;
    const draft = this.#drafts.get(ref)?.[0];
    if (draft === undefined) return;
    if (inspected.type === '@xstate.microstep') draft.taken.push(...takenTransitions(inspected));
    if (inspected.type === '@xstate.action') {
      const emitted = emittedIn(inspected);
      if (emitted === undefined) return;
      const message = describeMessage(emitted, draft.to);
      (isOrder(message) ? draft.orders : draft.reports).push(message);
    }
    if (inspected.type === '@xstate.snapshot' && inspected.event === draft.told) {
      this.#finish(ref, describeState(inspected.snapshot));
    }
  }

  /** The recipient's chart threw on its event. */
  fail(ref: object): void {
    this.#finish(ref, 'broken');
  }

  #finish(ref: object, state: string): void {
    const draft = this.#drafts.get(ref)?.shift();
    if (draft === undefined || draft.message.type === 'xstate.init') return;
    const { taken, from, to } = draft;
    draft.state = state;
    draft.isIgnored = taken.length === 0 && state !== 'broken';
    // An event that an actor ignored is shown if another actor sent it. Sockets often report too late, so those are not.
    draft.isShown = !draft.isIgnored || (from.kind !== 'socket' && from !== to);
  }

  /** The entries since the last call, oldest first. Between two turns of the event loop every event is complete. */
  take(): readonly TimelineEvent[] {
    const shown = this.#pending.filter(({ isShown }) => isShown);
    this.#pending = [];
    return shown.map(({ told: _told, isShown: _isShown, ...event }) => event);
  }
}
