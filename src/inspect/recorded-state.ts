/** The recorded parts of a server actor's state and of an event: only ids, codes and state names. */
import { type AnyStateNode, pathToStateValue, type StateValue } from 'xstate';
import { serverMachine } from '../machines/server-machine.ts';
import type { ServerInput } from '../machines/server-messages.ts';
import type { ServerSnapshot } from '../machines/server-view.ts';

export const STATUSES = ['active', 'done', 'stopped', 'error'] as const;
export type Status = (typeof STATUSES)[number];

export interface RecordedState {
  /** Path of the innermost state, such as `claimed.held.live`. */
  readonly state: string;
  /** `error` if the chart threw; the other fields then hold the state before the event. */
  readonly status: Status;
  readonly binaryId: string | null;
  readonly phones: readonly string[];
  readonly claimants: readonly string[];
}

/** The only fields of an event that may be recorded. */
export interface RecordedEvent {
  readonly type: string;
  readonly connId?: string | undefined;
  readonly binaryId?: string | undefined;
  readonly closeCode?: number | undefined;
  readonly isTooLong?: boolean | undefined;
}

/**
 * Marks a new actor of the server-id, or a gap in which the recorder missed events. The state after it is given; it does
 * not follow from the state before.
 */
export const BEGINNING = 'xstate.init';

/** Interns state names, so that all records of one state share one string. */
class StateName {
  readonly #name: string;
  readonly #inner = new Map<string, StateName>();

  constructor(name: string) {
    this.#name = name;
  }

  of(value: StateValue): string {
    if (typeof value === 'string') return this.#in(value).#name;
    for (const key in value) {
      const inner = value[key];
      if (inner !== undefined) return this.#in(key).of(inner);
    }
    return this.#name;
  }

  #in(key: string): StateName {
    let found = this.#inner.get(key);
    if (found === undefined) {
      found = new StateName(this.#name === '' ? key : `${this.#name}.${key}`);
      this.#inner.set(key, found);
    }
    return found;
  }
}

const names = new StateName('');

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type StateSlot = Mutable<RecordedState>;
export type EventSlot = Mutable<RecordedEvent>;

/** Overwrites an existing object instead of allocating one; `record-store.ts` says why. */
export const putState = (slot: StateSlot, { value, context }: ServerSnapshot, status: Status): void => {
  slot.state = names.of(value);
  slot.status = status;
  slot.binaryId = context.binaryId;
  slot.phones = context.phones;
  slot.claimants = context.claimants;
};

export const eventOf = ({ type, connId, binaryId, closeCode, isTooLong }: RecordedEvent): EventSlot => ({
  type,
  connId,
  binaryId,
  closeCode,
  isTooLong,
});

export const putEvent = (slot: EventSlot, event: RecordedEvent): void => {
  slot.type = event.type;
  slot.connId = event.connId;
  slot.binaryId = event.binaryId;
  slot.closeCode = event.closeCode;
  slot.isTooLong = event.isTooLong;
};

const NONE: readonly string[] = [];

export const emptyState = (): StateSlot => ({
  state: '',
  status: 'active',
  binaryId: null,
  phones: NONE,
  claimants: NONE,
});

export const stateOf = (snapshot: ServerSnapshot): RecordedState => {
  const slot = emptyState();
  putState(slot, snapshot, snapshot.status);
  return slot;
};

export const snapshotOf = (
  { state, status, binaryId, phones, claimants }: RecordedState,
  input: ServerInput,
): ServerSnapshot =>
  serverMachine.resolveState({
    value: pathToStateValue(state.split('.')),
    status,
    context: { ...input, binaryId, phones, claimants },
  });

export const idsIn = ({ phones, claimants }: Pick<RecordedState, 'phones' | 'claimants'>): number =>
  phones.length + claimants.length;

const sameIds = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((id, index) => id === others[index]);

export const isSameState = (one: RecordedState, other: RecordedState): boolean =>
  one.state === other.state &&
  one.status === other.status &&
  one.binaryId === other.binaryId &&
  sameIds(one.phones, other.phones) &&
  sameIds(one.claimants, other.claimants);

const leavesOf = (node: AnyStateNode): string[] => {
  const inner = Object.values(node.states);
  return inner.length === 0 ? [node.path.join('.')] : inner.flatMap(leavesOf);
};

/** All leaf states of the server chart. */
export const STATES: readonly string[] = leavesOf(serverMachine.root);
