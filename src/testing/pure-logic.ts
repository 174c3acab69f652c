/**
 * Runs a chart as pure logic. Actions are not executed: what the chart would send and emit is collected, so that a step can
 * be judged by its messages as well as by its next state.
 */
import type {
  ActorLogic,
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

/** The state in which the chart begins. */
export const initialState = <M extends AnyStateMachine>(machine: M, input?: InputFrom<M>): SnapshotFrom<M> =>
  // A machine of type M creates snapshots of M.
  machine.getInitialSnapshot(detachedScope(), input) as SnapshotFrom<M>;

export interface PureStep {
  /** The events that the chart would send to other actors, in order. */
  readonly sent: readonly EventObject[];
  readonly microsteps: readonly InspectedMicrostepEvent[];
}

/** Everything that the chart does between a state and the next one. */
export const stepPurely = (machine: AnyStateMachine, snapshot: unknown, event: EventObject): PureStep => {
  const sent: EventObject[] = [];
  const microsteps: InspectedMicrostepEvent[] = [];
  const scope = detachedScope((action) => {
    const event = sentBy(action);
    if (event !== undefined) sent.push(event);
  });
  scope.system.inspect((inspected) => {
    if (inspected.type === '@xstate.microstep') microsteps.push(inspected);
  });
  // A machine accepts its own snapshots and events; the caller takes them from the same machine's graph.
  machine.transition(snapshot as SnapshotFrom<AnyStateMachine>, event, scope);
  return { sent, microsteps };
};
