/**
 * Runs a chart as pure logic. Actions are not executed: what the chart would send and emit is collected, so that a step can
 * be judged by its messages as well as by its next state. The graph library's own scope has no parent to send to.
 */
import {
  type ActorLogic,
  type AnyActorScope,
  type AnyStateMachine,
  createActor,
  createEmptyActor,
  type EventObject,
  fromTransition,
  type InspectedMicrostepEvent,
  type SnapshotFrom,
} from 'xstate';

/** Two actors, to have a parent to send to. Neither is started. */
const createScope = (): AnyActorScope => {
  const parent = createEmptyActor();
  const self = createActor(
    fromTransition(() => undefined, undefined),
    { parent },
  );
  return {
    self,
    id: self.id,
    sessionId: self.sessionId,
    system: self.system,
    logger: () => {},
    defer: () => {},
    emit: () => {},
    stopChild: () => {},
    actionExecutor: () => {},
  };
};

/** Typed by the machine: the graph library types neither emitted events nor timer events. */
export const pureLogic = <M extends AnyStateMachine, E extends EventObject>(
  machine: M,
): ActorLogic<SnapshotFrom<M>, E, unknown> => ({
  // A machine of type M creates snapshots of M.
  getInitialSnapshot: (_, input) => machine.getInitialSnapshot(createScope(), input) as SnapshotFrom<M>,
  transition: (snapshot, event) => machine.transition(snapshot, event, createScope()) as SnapshotFrom<M>,
  getPersistedSnapshot: (snapshot) => snapshot,
});

export interface PureStep {
  /** The events that the chart would send to other actors, in order. */
  readonly sent: readonly EventObject[];
  readonly microsteps: readonly InspectedMicrostepEvent[];
}

/** The form in which xstate 5.33 passes on an action that sends. */
const eventOf = (params: unknown): EventObject | undefined => {
  const event: unknown = typeof params === 'object' && params !== null && Reflect.get(params, 'event');
  return typeof event === 'object' && event !== null && 'type' in event && typeof event.type === 'string'
    ? { ...event, type: event.type }
    : undefined;
};

/** Everything that the chart does between a state and the next one. */
export const stepPurely = (machine: AnyStateMachine, snapshot: unknown, event: EventObject): PureStep => {
  const sent: EventObject[] = [];
  const microsteps: InspectedMicrostepEvent[] = [];
  const scope = createScope();
  scope.actionExecutor = ({ type, params }) => {
    const said = type === 'xstate.sendTo' ? eventOf(params) : undefined;
    if (said !== undefined) sent.push(said);
  };
  scope.system.inspect((inspected) => {
    if (inspected.type === '@xstate.microstep') microsteps.push(inspected);
  });
  // A machine accepts its own snapshots and events; the caller takes them from the same machine's graph.
  machine.transition(snapshot as SnapshotFrom<AnyStateMachine>, event, scope);
  return { sent, microsteps };
};
