/**
 * The one place that reads private fields of XState's inspection events. Only `_transitions` of a microstep shows which of
 * several guarded transitions was taken. `test/inspect/taken-transitions.test.ts` fails if an upgrade changes it.
 */
import type { InspectedMicrostepEvent } from 'xstate';
import type { TakenTransition } from './updates.ts';

/** As sent by `macrostep()` of xstate 5.33. */
type Definition = InspectedMicrostepEvent['_transitions'][number];

const isDefinition = (definition: unknown): definition is Definition => {
  if (typeof definition !== 'object' || definition === null) return false;
  const source: unknown = Reflect.get(definition, 'source');
  return (
    typeof Reflect.get(definition, 'eventType') === 'string' &&
    typeof source === 'object' &&
    source !== null &&
    typeof Reflect.get(source, 'id') === 'string' &&
    Reflect.get(source, 'transitions') instanceof Map
  );
};

const moved = (what: string): TypeError => new TypeError(`this version of xstate keeps ${what} elsewhere`);

const describe = (definition: unknown): TakenTransition => {
  if (!isDefinition(definition)) throw moved('the source and event of a transition');
  const { source, eventType } = definition;
  const siblings = eventType === '' ? source.always : source.transitions.get(eventType);
  const index = siblings?.indexOf(definition) ?? -1;
  if (index === -1) throw moved('the transitions of a state');
  return { source: source.id, event: eventType, index };
};

/**
 * In the order in which they were taken; empty if the chart does not take the event.
 * @throws TypeError if this version of xstate keeps them elsewhere
 */
export const takenTransitions = (microstep: InspectedMicrostepEvent): readonly TakenTransition[] => {
  const definitions: unknown = Reflect.get(microstep, '_transitions');
  if (!Array.isArray(definitions)) throw moved('the transitions of a microstep');
  return definitions.map(describe);
};
