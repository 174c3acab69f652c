/** The relay's own series: their names have one prefix, and their labels closed sets of values. */
import { Counter, type Registry } from 'prom-client';

export const PREFIX = 'pyrycode_relay_';

/** @returns makes a counter in `registry`, named without the prefix */
export const counterIn =
  (registry: Registry) =>
  <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> =>
    new Counter({ name: `${PREFIX}${name}`, help, labelNames, registers: [registry] });

/** All values of a label. One that is missing here does not compile: it would have no series at 0. */
export const everyOf = <T extends string>(values: Readonly<Record<T, true>>): readonly string[] =>
  Object.keys(values);
