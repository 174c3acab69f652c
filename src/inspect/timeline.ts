/** Makes timeline events of XState's inspection of one server-id's actors. Works only while somebody watches it. */
import { type InspectionEvent, isMachineSnapshot } from 'xstate';
import { activeStates } from '../machines/active-states.ts';
import { MAX_PENDING_EVENTS } from './inspect-limits.ts';
import { takenTransitions } from './taken-transitions.ts';
import type { TakenTransition, TimelineEvent } from './updates.ts';

interface Draft {
  readonly actor: 'server' | 'connection';
  readonly connId: string;
  readonly role: TimelineEvent['role'];
  readonly event: string;
  readonly emitted: TimelineEvent['emitted'][number][];
  readonly taken: TakenTransition[];
}

/** "claimed.held.live"; empty for what is no chart. */
const describeState = (snapshot: unknown): string =>
  isMachineSnapshot(snapshot) ? (activeStates(snapshot).at(-1)?.path.join('.') ?? '') : '';

const textOf = (holder: object, key: string): string => {
  const value: unknown = Reflect.get(holder, key);
  return typeof value === 'string' ? value : '';
};

/** Only what is known to be harmless is copied out of an event: its connection, and a close code. */
const describeEmitted = (emitted: object): TimelineEvent['emitted'][number] => {
  const close: unknown = Reflect.get(emitted, 'close');
  const code: unknown = typeof close === 'object' && close !== null ? Reflect.get(close, 'closeCode') : null;
  return [textOf(emitted, 'type'), textOf(emitted, 'connId'), typeof code === 'number' ? code : null];
};

export class Timeline {
  /** By actor, in the order of its mailbox: what an actor says can bring it the next event before it is done with one. */
  readonly #drafts = new WeakMap<object, Draft[]>();
  #done: TimelineEvent[] = [];
  #last = 0;

  /**
   * @param actor whose inspection event this is
   * @param connection the connection it belongs to; for the server actor, the one its event is about
   */
  observe(
    inspected: InspectionEvent,
    actor: 'server' | 'connection',
    connection: (connId: string) => { readonly connId: string; readonly role: TimelineEvent['role'] },
  ): void {
    const ref = inspected.actorRef;
    switch (inspected.type) {
      case '@xstate.event': {
        const { connId, role } = connection(textOf(inspected.event, 'connId'));
        const event = inspected.event.type;
        const queue = this.#drafts.get(ref) ?? [];
        queue.push({ actor, connId, role, event, emitted: [], taken: [] });
        this.#drafts.set(ref, queue);
        return;
      }
      case '@xstate.microstep':
        this.#drafts.get(ref)?.[0]?.taken.push(...takenTransitions(inspected));
        return;
      case '@xstate.action': {
        const { type, params } = inspected.action;
        const emitted: unknown =
          typeof params === 'object' && params !== null ? Reflect.get(params, 'event') : null;
        if (type === 'xstate.emit' && typeof emitted === 'object' && emitted !== null) {
          this.#drafts.get(ref)?.[0]?.emitted.push(describeEmitted(emitted));
        }
        return;
      }
      case '@xstate.snapshot':
        this.#finish(ref, inspected.snapshot);
        return;
      default:
        return;
    }
  }

  #finish(ref: object, snapshot: unknown): void {
    const queue = this.#drafts.get(ref);
    const draft = queue?.shift();
    if (queue?.length === 0) this.#drafts.delete(ref);
    // An event that changed nothing and said nothing is noise.
    if (draft === undefined || (draft.taken.length === 0 && draft.emitted.length === 0)) return;
    this.#done.push({ ...draft, n: ++this.#last, atMs: Date.now(), state: describeState(snapshot) });
    if (this.#done.length > MAX_PENDING_EVENTS) this.#done = this.#done.slice(-MAX_PENDING_EVENTS);
  }

  /** What happened since the last time, oldest first. */
  take(): readonly TimelineEvent[] {
    const taken = this.#done;
    this.#done = [];
    return taken;
  }
}
