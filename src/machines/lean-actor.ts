/**
 * Creates actors without what XState keeps of each one and never reads again. A server-id in grace is nothing but its
 * actor, and anyone can make up server-ids: `test/integration/grace-memory.test.ts` bounds what one costs.
 */
import {
  type Actor,
  type ActorLogic,
  type ActorSystem,
  type ActorSystemInfo,
  type AnyActorRef,
  createActor,
  type EventObject,
  type Snapshot,
} from 'xstate';

type System = ActorSystem<ActorSystemInfo>;

interface Options<I> {
  readonly id: string;
  readonly parent: AnyActorRef;
  readonly input: I;
}

const NO_OPTIONS = Object.freeze({});

export const createLeanActor = <S extends Snapshot<unknown>, E extends EventObject, I, M extends EventObject>(
  logic: ActorLogic<S, E, I, System, M>,
  options: Options<I>,
): Actor<ActorLogic<S, E, I, System, M>> => {
  const ref = createActor(logic, options);
  // Read by the constructor only (xstate 5.33). V8 gives each of these objects a shape of its own: 400 bytes.
  Reflect.set(ref, 'options', NO_OPTIONS);
  return ref;
};
