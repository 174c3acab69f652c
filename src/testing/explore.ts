/**
 * The graph of a chart, with its timers: every state that it can reach, and what each event does there. A timer is an event
 * like any other here, possible only in the state that has it running.
 */
import { adjacencyMapToArray, getAdjacencyMap } from '@xstate/graph';
import type {
  AnyMachineSnapshot,
  AnyStateMachine,
  EventFromLogic,
  EventObject,
  InputFrom,
  SnapshotFrom,
} from 'xstate';
import { activeStates } from '../machines/active-states.ts';
import type { Edge } from './covers.ts';
import { ownEvents } from './own-events.ts';
import { initialState, pureLogic } from './pure-logic.ts';

/** A timer of a state that is active, as XState names its event. */
export interface ArmedTimer extends EventObject {
  /** "xstate.after.openTime.door.open" */
  readonly type: `xstate.after.${string}`;
}

/** The step that an event, or a timer, makes from one state of the chart to the next. */
export interface ChartEdge<M extends AnyStateMachine, E extends EventObject = EventFromLogic<M> | ArmedTimer>
  extends Edge<string> {
  readonly state: SnapshotFrom<M>;
  /** The event of the chart. `event` is its name. */
  readonly trigger: E;
  readonly nextState: SnapshotFrom<M>;
}

export interface ExploreOptions<M extends AnyStateMachine, E extends EventObject = EventFromLogic<M>> {
  readonly input?: InputFrom<M>;
  /**
   * The events to try, in every state or in the given one. By default each of the chart's own, without data, and what an
   * invoked actor tells where it runs.
   */
  readonly events?: readonly E[] | ((state: SnapshotFrom<M>) => readonly E[]);
  /** False if `events` has the timers too. By default they are added: those that run in the state. */
  readonly addTimers?: boolean;
  /** Equal for states that count as the same one; by default, of the same value and context. */
  readonly key?: (state: SnapshotFrom<M>) => string;
  /** By default the type, and the data if there is any. Different for different events of one state. */
  readonly name?: (event: E) => string;
  /** Exploring more edges than this throws: a chart that grows without bound would never end. */
  readonly limit?: number;
}

const MOST_EDGES = 10_000;

/** The events of the timers that run in this state, in no order of time. */
const armedTimers = (snapshot: AnyMachineSnapshot): ArmedTimer[] =>
  snapshot.status === 'active'
    ? activeStates(snapshot).flatMap(({ after }) =>
        [...new Set(after.map(({ eventType }) => eventType))].map((type) => ({ type })),
      )
    : [];

/** Whether XState made this event type for a timer. */
export const isTimer = (type: string): boolean => type.startsWith('xstate.after.');

/** "xstate.after.openTime.door.open" is "after openTime", and names its state if several states use this delay. */
const timerName = (machine: AnyStateMachine, type: string): string => {
  const delayOf = (other: string): string =>
    other.slice('xstate.after.'.length).split(`.${machine.id}`)[0] ?? '';
  const delay = delayOf(type);
  const isShared = machine.events.some(
    (other) => other !== type && isTimer(other) && delayOf(other) === delay,
  );
  const state = type.slice(`xstate.after.${delay}.`.length);
  return isShared ? `after ${delay} in ${state}` : `after ${delay}`;
};

/** The name of an event in a path: its type, and its data if it has any. */
const eventName = (machine: AnyStateMachine, { type, ...data }: EventObject): string => {
  if (isTimer(type)) return timerName(machine, type);
  return Object.keys(data).length === 0 ? type : `${type} ${JSON.stringify(data)}`;
};

/** In JSON, maps and sets are empty objects, and states that differ in them would count as the same. */
const withEntries = (_: string, value: unknown): unknown =>
  value instanceof Map || value instanceof Set ? [...value] : value;

export const stateKey = ({ value, context, status }: AnyMachineSnapshot): string =>
  JSON.stringify([value, context, status], withEntries);

const isEvent = (one: unknown): boolean =>
  typeof one === 'object' && one !== null && 'type' in one && typeof one.type === 'string';

/** A caller in JavaScript has no compiler that says it. */
const assertEvents = ({ id }: AnyStateMachine, given: unknown): void => {
  if (Array.isArray(given) && given.every(isEvent)) return;
  const wrong: unknown = Array.isArray(given) ? given.find((one: unknown) => !isEvent(one)) : given;
  throw new Error(
    `\`events\` of "${id}" are a list of objects with a \`type\`, or a function that returns one, not ${JSON.stringify(wrong)}`,
  );
};

const MOST_SHOWN = 200;

const tooMany = ({ id }: AnyStateMachine, limit: number, latest: string): string =>
  `the graph of "${id}" has more edges than the limit of ${limit}; the last of its states is ` +
  `${latest.length > MOST_SHOWN ? `${latest.slice(0, MOST_SHOWN)}...` : latest}. If its context grows, or holds something ` +
  'new in each state, such as an actor, give a `key` that counts it or leaves it out; if not, a higher `limit`';

/**
 * Runs the chart as pure logic: no action is executed, and no time passes.
 * @throws if the graph has more edges than the limit, or something in `events` is no event
 */
export function explore<M extends AnyStateMachine, E extends EventObject = EventFromLogic<M>>(
  machine: M,
  options: ExploreOptions<M, E> & { readonly addTimers: false },
): ChartEdge<M, E>[];
export function explore<M extends AnyStateMachine, E extends EventObject = EventFromLogic<M>>(
  machine: M,
  options?: ExploreOptions<M, E>,
): ChartEdge<M, E | ArmedTimer>[];
export function explore<M extends AnyStateMachine, E extends EventObject>(
  machine: M,
  options: ExploreOptions<M, E> = {},
): ChartEdge<M, E | ArmedTimer>[] {
  const { input, key = stateKey, limit = MOST_EDGES, addTimers = true } = options;
  const name = (event: E | ArmedTimer): string =>
    options.name === undefined || (addTimers && isTimer(event.type))
      ? eventName(machine, event)
      : // Not a timer that was added, so one of the caller's.
        options.name(event as E);
  const types = machine.events.filter((type) => !isTimer(type));
  const own = (snapshot: AnyMachineSnapshot): E[] =>
    // Types of this very machine; what data they need, only the caller can say.
    ownEvents(snapshot, types).map((type) => ({ type })) as EventObject[] as E[];
  const { events } = options;
  let edges = 0;
  const map = getAdjacencyMap(pureLogic<M, E | ArmedTimer>(machine), {
    // Counted below, where it is known which state was the last.
    limit: Number.POSITIVE_INFINITY,
    serializeState: key,
    serializeEvent: name,
    events: (state): (E | ArmedTimer)[] => {
      // Every snapshot of a machine is one, which the compiler does not see for a generic machine.
      const snapshot = state as AnyMachineSnapshot;
      if (snapshot.status !== 'active') return [];
      const given = typeof events === 'function' ? events(state) : (events ?? own(snapshot));
      assertEvents(machine, given);
      const tried = [...given, ...(addTimers ? armedTimers(snapshot) : [])];
      edges += tried.length;
      if (edges > limit) throw new Error(tooMany(machine, limit, key(state)));
      return tried;
    },
    ...(input !== undefined && { input }),
  });
  return adjacencyMapToArray(map).map(({ state, event, nextState }) => ({
    from: key(state),
    event: name(event),
    to: key(nextState),
    state,
    trigger: event,
    nextState,
  }));
}

/** The key of the state in which the chart begins. */
export const startKey = <M extends AnyStateMachine>(
  machine: M,
  { input, key = stateKey }: Pick<ExploreOptions<M>, 'input' | 'key'> = {},
): string => key(initialState(machine, input));
