/**
 * Runs a chart as pure logic. Actions are not executed: what the chart would send and emit is collected, so that a step can
 * be judged by its messages as well as by its next state.
 */
import type {
  ActorLogic,
  AnyActorScope,
  AnyStateMachine,
  EventObject,
  InputFrom,
  InspectedMicrostepEvent,
  SnapshotFrom,
} from 'xstate';
import { detachedScope, sentBy } from '../machines/detached-scope.ts';

/** Typed by the machine: the graph library types neither emitted events nor timer events. */
export const pureLogic = <M extends AnyStateMachine, E extends EventObject>(
  machine: M,
): ActorLogic<SnapshotFrom<M>, E, unknown> => ({
  // The caller's input is checked where the graph is made.
  getInitialSnapshot: (_, input) => initialState(machine, input as InputFrom<M>),
  // A machine of type M creates snapshots of M.
  transition: (snapshot, event) => machine.transition(snapshot, event, detachedScope()) as SnapshotFrom<M>,
  getPersistedSnapshot: (snapshot) => snapshot,
});

/**
 * The state in which the chart begins.
 * @throws if it throws there, for want of its input for example: such a chart would have no state, and so no paths
 */
export const initialState = <M extends AnyStateMachine>(
  machine: M,
  input?: InputFrom<M>,
): SnapshotFrom<M> => {
  const snapshot = machine.getInitialSnapshot(detachedScope(), input);
  if (snapshot.status === 'error') {
    const { error } = snapshot;
    const hint = input === undefined ? '; it was given no `input`' : '';
    const problem = error instanceof Error ? error.message : String(error);
    throw new Error(`the chart "${machine.id}" cannot start: ${problem}${hint}`, { cause: error });
  }
  // A machine of type M creates snapshots of M.
  return snapshot as SnapshotFrom<M>;
};

/** The id of the timer that an action cancels, if it cancels one (xstate 5.33 `cancel`). */
export const cancelledBy = ({
  type,
  params,
}: {
  readonly type: string;
  readonly params: unknown;
}): string[] => {
  if (type !== 'xstate.cancel' || typeof params !== 'object' || params === null) return [];
  const id: unknown = Reflect.get(params, 'sendId');
  return typeof id === 'string' ? [id] : [];
};

export interface PureStep {
  /** The events that the chart would send to other actors, in order. */
  readonly sent: readonly EventObject[];
  readonly microsteps: readonly InspectedMicrostepEvent[];
  /** Ids of the timers that the chart cancels: the types of their events. */
  readonly cancelled: readonly string[];
}

const collect = (run: (scope: AnyActorScope) => void): PureStep => {
  const sent: EventObject[] = [];
  const cancelled: string[] = [];
  const microsteps: InspectedMicrostepEvent[] = [];
  const scope = detachedScope((action) => {
    const event = sentBy(action);
    if (event !== undefined) sent.push(event);
    cancelled.push(...cancelledBy(action));
  });
  scope.system.inspect((inspected) => {
    if (inspected.type === '@xstate.microstep') microsteps.push(inspected);
  });
  run(scope);
  return { sent, microsteps, cancelled };
};

/** Everything that the chart does between a state and the next one. */
export const stepPurely = (machine: AnyStateMachine, snapshot: unknown, event: EventObject): PureStep =>
  collect((scope) => {
    // A machine accepts its own snapshots and events; the caller takes them from the same machine's graph.
    machine.transition(snapshot as SnapshotFrom<AnyStateMachine>, event, scope);
  });

/** Everything that the chart does when it starts: eventless transitions of its first state. */
export const startPurely = <M extends AnyStateMachine>(machine: M, input?: InputFrom<M>): PureStep =>
  collect((scope) => {
    machine.getInitialSnapshot(scope, input);
  });
