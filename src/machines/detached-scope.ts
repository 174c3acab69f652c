/**
 * Runs a chart without an actor system: no action is executed and no time passes. XState's own scope for that has no parent,
 * and a chart that sends to its parent throws there.
 */
import { type AnyActorScope, createActor, createEmptyActor, type EventObject, fromTransition } from 'xstate';

type Executor = AnyActorScope['actionExecutor'];

/** @param execute receives each action in place of its execution */
export const detachedScope = (execute: Executor = () => {}): AnyActorScope => {
  // Neither actor is ever started.
  const self = createActor(
    fromTransition(() => null, null),
    { parent: createEmptyActor() },
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
    actionExecutor: execute,
  };
};

/** The event that an action would send to another actor; undefined for any other action (xstate 5.33 `sendTo`). */
export const sentBy = ({ type, params }: Parameters<Executor>[0]): EventObject | undefined => {
  if (type !== 'xstate.sendTo') return undefined;
  const event: unknown = typeof params === 'object' && params !== null && Reflect.get(params, 'event');
  return typeof event === 'object' && event !== null && 'type' in event && typeof event.type === 'string'
    ? { ...event, type: event.type }
    : undefined;
};
