/**
 * Delivers an event with its source, as XState's own actions do, so that inspection shows the sender. XState leaves the
 * method out of its types; `test/machines/delivery.test.ts` fails if an upgrade moves it.
 */
import type { AnyActorRef, EventObject } from 'xstate';

interface Relaying {
  _relay(source: AnyActorRef | undefined, target: AnyActorRef, event: EventObject): void;
}

const isRelaying = (system: object): system is Relaying =>
  '_relay' in system && typeof system._relay === 'function';

/** @throws TypeError if this version of xstate delivers events in another way */
export const deliver = (source: AnyActorRef, target: AnyActorRef, event: EventObject): void => {
  const { system } = source;
  if (!isRelaying(system)) throw new TypeError('this version of xstate delivers events in another way');
  system._relay(source, target, event);
};
