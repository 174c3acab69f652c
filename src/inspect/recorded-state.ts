/** What is kept of a server actor's state and of an event: ids, codes and names of states, and nothing else. */
import { type AnyStateNode, pathToStateValue, type StateValue } from 'xstate';
import { serverMachine } from '../machines/server-machine.ts';
import type { ServerInput } from '../machines/server-messages.ts';
import type { ServerSnapshot } from '../machines/server-view.ts';

export const STATUSES = ['active', 'done', 'stopped', 'error'] as const;
export type Status = (typeof STATUSES)[number];

export interface RecordedState {
  /** The innermost state with those around it, as in `claimed.held.live`. */
  readonly state: string;
  /** `error` when the chart threw; the rest is then as it was before. */
  readonly status: Status;
  readonly binaryId: string | null;
  readonly phones: readonly string[];
  readonly claimants: readonly string[];
}

/** All of an event that may be kept: whatever else it carries is not. */
export interface RecordedEvent {
  readonly type: string;
  readonly connId?: string | undefined;
  readonly binaryId?: string | undefined;
  readonly closeCode?: number | undefined;
}

/**
 * Stands where a new actor of the server-id began, or where one was out of the recorder's sight for a while: the state
 * after it is given, and does not follow from the one before.
 */
export const BEGINNING = 'xstate.init';

/** Names states without making a text for each: records of one state share its name. */
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

/** Into an object there is already: see `recorder.ts`. */
export const putState = (slot: StateSlot, { value, context }: ServerSnapshot, status: Status): void => {
  slot.state = names.of(value);
  slot.status = status;
  slot.binaryId = context.binaryId;
  slot.phones = context.phones;
  slot.claimants = context.claimants;
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

/** Every state the server chart can rest in. */
export const STATES: readonly string[] = leavesOf(serverMachine.root);
