/** A machine's config as plain JSON: the structure, with names in place of functions. Stately's editor imports it in a call of `createMachine`. */
import type { AnyStateMachine } from 'xstate';

export type PlainValue = string | number | boolean | null | readonly PlainValue[] | PlainConfig;
export interface PlainConfig {
  readonly [key: string]: PlainValue;
}

const plain = (value: unknown): PlainValue | undefined => {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) {
    // The check above.
    return value as string | number | boolean | null;
  }
  if (Array.isArray(value)) return value.flatMap((item: unknown) => plain(item) ?? []);
  // A function, such as params or a context from input: it has no name, and no place in JSON.
  if (typeof value !== 'object') return undefined;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, of]) => {
      const kept = plain(of);
      return kept === undefined ? [] : [[key, kept]];
    }),
  );
};

/**
 * Guards, actions, delays and actors keep the names they have in `setup`; params that are functions are left out, and so is a context
 * that is made from input.
 */
export const plainConfig = (machine: AnyStateMachine): PlainConfig => {
  const config = plain(machine.config);
  // A machine's config is an object, and not an array.
  return config as PlainConfig;
};
