/**
 * Faults planted in a chart by its own structure: each transition is taken away, loses its guard, its target or one of its
 * actions, and each state loses an action on entry or exit. The code of guards and actions stays as it is.
 */
import { type AnyStateMachine, createMachine } from 'xstate';
import type { Mutant } from './mutants.ts';

/** A node of a machine's `config`, or a transition in it: XState's own types know no generic one. */
type Config = Readonly<Record<string, unknown>>;
type Keys = readonly (string | number)[];

const isConfig = (value: unknown): value is Config =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const configIn = (config: Config, key: string): readonly (readonly [string, unknown])[] => {
  const value = config[key];
  return isConfig(value) ? Object.entries(value) : [];
};

const listOf = (value: unknown): readonly unknown[] => {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
};

/** A copy in which the value at `keys` is replaced, or taken away. */
const changed = (value: unknown, [key, ...rest]: Keys, replace: (old: unknown) => unknown): unknown => {
  if (key === undefined) return replace(value);
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, i) => {
      if (i !== key) return [item];
      const next = changed(item, rest, replace);
      return next === undefined ? [] : [next];
    });
  }
  if (!isConfig(value)) return value;
  return { ...value, [key]: changed(value[key], rest, replace) };
};

const nameOf = (used: unknown): string => {
  if (typeof used === 'string') return used;
  return isConfig(used) && typeof used['type'] === 'string' ? used['type'] : 'written in place';
};

interface Change {
  readonly name: string;
  readonly keys: Keys;
  readonly replace: (old: unknown) => unknown;
}

const without =
  (key: string) =>
  (old: unknown): unknown =>
    isConfig(old) ? { ...old, [key]: undefined } : old;

const actionChanges = (place: string, keys: Keys, key: string, actions: unknown): Change[] =>
  listOf(actions).map((action, i) => ({
    name: `${place}: ${key === 'actions' ? '' : `${key} `}action ${nameOf(action)} is left out`,
    keys: [...keys, key],
    replace: (old) => listOf(old).filter((_, n) => n !== i),
  }));

const transitionChanges = (place: string, keys: Keys, transition: unknown): Change[] => {
  const removal: Change = { name: `${place} is left out`, keys, replace: () => undefined };
  if (!isConfig(transition)) return [removal];
  const { guard, target, actions } = transition;
  return [
    removal,
    ...(guard === undefined
      ? []
      : [{ name: `${place}: guard ${nameOf(guard)} always holds`, keys, replace: without('guard') }]),
    // Without actions it would do nothing: that is the removal.
    ...(target === undefined || listOf(actions).length === 0
      ? []
      : [{ name: `${place}: the state does not change`, keys, replace: without('target') }]),
    ...actionChanges(place, keys, 'actions', actions),
  ];
};

const changesOf = (id: string, state: Config, keys: Keys): Change[] => {
  const candidates = (place: string, at: Keys, transitions: unknown): Change[] =>
    Array.isArray(transitions)
      ? transitions.flatMap((each, i) => transitionChanges(`${place} [${i}]`, [...at, i], each))
      : transitionChanges(place, at, transitions);
  return [
    ...configIn(state, 'on').flatMap(([event, of]) =>
      candidates(`${id} on ${event}`, [...keys, 'on', event], of),
    ),
    ...configIn(state, 'after').flatMap(([delay, of]) =>
      candidates(`${id} after ${delay}`, [...keys, 'after', delay], of),
    ),
    ...(state['always'] === undefined
      ? []
      : candidates(`${id} always`, [...keys, 'always'], state['always'])),
    ...actionChanges(id, keys, 'entry', state['entry']),
    ...actionChanges(id, keys, 'exit', state['exit']),
    ...configIn(state, 'states').flatMap(([key, of]) =>
      isConfig(of) ? changesOf(`${id}.${key}`, of, [...keys, 'states', key]) : [],
    ),
  ];
};

/** One machine for each fault, with the implementations of the original. */
export const chartMutants = <M extends AnyStateMachine>(machine: M): Mutant<M>[] => {
  // A machine's config is an object; its type depends on the machine.
  const config = machine.config as unknown as Config;
  return changesOf(machine.id, config, []).map(({ name, keys, replace }) => ({
    name,
    // The same events, context and implementations as M: less of the structure.
    subject: createMachine(
      changed(config, keys, replace) as never,
      machine.implementations as never,
    ) as unknown as M,
  }));
};
