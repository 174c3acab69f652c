/** The relay's own series, whose names have one prefix. */
import { Counter, type Registry } from 'prom-client';

export const PREFIX = 'pyrycode_relay_';

/** @returns makes a counter in `registry`, named without the prefix */
export const counterIn =
  (registry: Registry) =>
  <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> =>
    new Counter({ name: `${PREFIX}${name}`, help, labelNames, registers: [registry] });
