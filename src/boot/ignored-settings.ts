/** What somebody has set, and the relay does not use. It starts all the same, and the log names each. */
import { quote } from '../config/config-error.ts';
import type { Given } from '../config/flag-combinations.ts';
import { nearestFlag } from '../config/nearest-flag.ts';
import { ENV_PREFIX, type Env, envName } from '../config/read-config.ts';
import { settingNames, settings } from '../config/settings.ts';
import { PRODUCTION, SINGLE_INSTANCE } from './environment-rules.ts';

/** Variables by the flag that they are the name of; some are no flags. */
const known: ReadonlyMap<string, string> = new Map([
  ...settingNames.map((name) => [settings[name].flag, envName(settings[name].flag)] as const),
  ...[PRODUCTION, SINGLE_INSTANCE].map((name) => [flagLike(name), name] as const),
]);
/** Of `pyrycode-relay probe`, which may share its environment with the relay. */
const PROBE_TOKEN = 'PYRYCODE_RELAY_PROBE_TOKEN';

const names = new Set([...known.values(), PROBE_TOKEN]);

/** `GRACES` as `graces`: so a variable is compared like a flag. */
function flagLike(name: string): string {
  return name.slice(ENV_PREFIX.length).toLowerCase().replaceAll('_', '-');
}

/** Kubernetes sets these in each container beside a service that is named pyrycode-relay. */
const isOfService = (rest: string, value: string): boolean =>
  rest === 'SERVICE_HOST' ||
  rest === 'SERVICE_PORT' ||
  rest.startsWith('SERVICE_PORT_') ||
  /^PORT_\d/.test(rest) ||
  (rest === 'PORT' && value.includes('://'));

/** Never its value: it may be a secret whose name was mistyped. */
const describeUnknown = (name: string): string => {
  const meant = known.get(nearestFlag(flagLike(name), known.keys()) ?? '');
  const shown = name.length > 60 ? quote(name) : name;
  return `${shown}: no such setting${meant === undefined ? '' : ` (did you mean ${meant}?)`}`;
};

const unknownVariables = (env: Env): string[] =>
  Object.entries(env)
    .filter(([name, value]) => {
      if (!name.startsWith(ENV_PREFIX) || names.has(name)) return false;
      return !isOfService(name.slice(ENV_PREFIX.length), value ?? '');
    })
    .map(([name]) => describeUnknown(name));

/** @returns one line each */
export const ignoredSettings = (given: Given, env: Env): readonly string[] => {
  const cache = given.get('cert-cache');
  const plain = given.get('insecure-listen');
  const isCacheIgnored = cache !== undefined && plain !== undefined;
  return [...(isCacheIgnored ? [`${cache}: ${plain} has no certificates`] : []), ...unknownVariables(env)];
};
