/**
 * A chart as plain logic: nothing it wants done is carried out. What it would send and emit is collected instead, so that a
 * step can be judged by what it says as well as by where it leads. The graph library's own scope has no parent to send to.
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

/** Two actors, so that there is a parent to send to. Neither is started. */
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

/** Typed by the machine: the graph library knows neither typed emitted events nor the events of timers. */
export const pureLogic = <M extends AnyStateMachine, E extends EventObject>(
  machine: M,
): ActorLogic<SnapshotFrom<M>, E, unknown> => ({
  // What a machine of type M makes is a snapshot of M.
  getInitialSnapshot: (_, input) => machine.getInitialSnapshot(createScope(), input) as SnapshotFrom<M>,
  transition: (snapshot, event) => machine.transition(snapshot, event, createScope()) as SnapshotFrom<M>,
  getPersistedSnapshot: (snapshot) => snapshot,
});

export interface PureStep {
  /** What the chart would send to other actors, in order. */
  readonly sent: readonly EventObject[];
  readonly microsteps: readonly InspectedMicrostepEvent[];
}

/** As xstate 5.33 hands over an action that sends. */
const eventOf = (params: unknown): EventObject | undefined => {
  const event: unknown = typeof params === 'object' && params !== null && Reflect.get(params, 'event');
  return typeof event === 'object' && event !== null && 'type' in event && typeof event.type === 'string'
    ? { ...event, type: event.type }
    : undefined;
};

/** What happens between a state and the next one. */
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
  // Any machine takes its own snapshots and events; the caller has them from the same machine's graph.
  machine.transition(snapshot as SnapshotFrom<AnyStateMachine>, event, scope);
  return { sent, microsteps };
};
