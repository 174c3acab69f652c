/** Variables that say where the relay runs (spec section 7). */
import { ConfigError, quote, type Report } from '../config/config-error.ts';
import type { Given } from '../config/flag-combinations.ts';
import type { Env } from '../config/read-config.ts';

export const PRODUCTION = 'PYRYCODE_RELAY_PRODUCTION';
export const SINGLE_INSTANCE = 'PYRYCODE_RELAY_SINGLE_INSTANCE';
/** Set by a platform that starts a second machine by itself. */
const PLATFORM_APP = 'FLY_APP_NAME';

/** "true" or an empty value could mean either, and a guess would switch a protection off. */
const isOn = (env: Env, name: string, report: Report): boolean => {
  const value = env[name];
  if (value === undefined || value === '1') return value === '1';
  report(new ConfigError(`${name} takes exactly 1, or is not set at all; not ${quote(value)}`));
  return false;
};

/**
 * Reports another value than 1, and a platform that may run several relays.
 * @returns whether this is production
 */
export const checkEnvironment = (env: Env, report: Report): boolean => {
  const isProduction = isOn(env, PRODUCTION, report);
  const isSingle = isOn(env, SINGLE_INSTANCE, report);
  if (!isSingle && (env[PLATFORM_APP] ?? '') !== '') {
    report(
      new ConfigError(
        `${PLATFORM_APP} is set, and that platform may run several machines: a server-id and its phones must reach the same process. Run one machine, and set ${SINGLE_INSTANCE}=1`,
      ),
    );
  }
  return isProduction;
};

/** Reports a listener without TLS in production. */
export const checkProductionListener = (given: Given, report: Report): void => {
  const insecure = given.get('insecure-listen');
  if (insecure !== undefined)
    report(new ConfigError(`${insecure} is refused in production (${PRODUCTION}=1): it serves without TLS`));
};
