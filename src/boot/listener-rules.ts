/** There is something to listen to, and nothing collides. */

import { challengeAddress } from '../config/acme-rules.ts';
import { ConfigError, type Report } from '../config/config-error.ts';
import type { Given } from '../config/flag-combinations.ts';
import { type Config, settingNames, settings } from '../config/settings.ts';
import { httpsAddress } from '../config/tls-rules.ts';
import { offeredWays, waysToListen } from '../config/ways-to-listen.ts';
import { formatAddress, type ListenAddress } from '../transport/listening.ts';

/** Reports that there is no listener, with the ways to start. */
export const checkAnyListener = (given: Given, report: Report): void => {
  if (waysToListen.some(({ flag }) => given.has(flag))) return;
  const shown = offeredWays.map(({ example, summary }) => `${example} (${summary})`).join(', or ');
  report(new ConfigError(`no listener: start with ${shown}`));
};

const addressOf = (value: unknown): ListenAddress | undefined => {
  if (typeof value !== 'object' || value === null || !('host' in value) || !('port' in value))
    return undefined;
  const { host, port } = value;
  return typeof host === 'string' && typeof port === 'number' ? { host, port } : undefined;
};

/** Where a listener will be, if that is decided by other settings than its own. */
const DERIVED: Readonly<Record<string, (config: Config) => ListenAddress | null>> = {
  httpsListen: httpsAddress,
  httpListen: challengeAddress,
};

/**
 * The default of the metrics is not looked at: it gives way by itself.
 * Reports two on one address.
 */
export const checkListeners = (config: Config, given: Given, report: Report): void => {
  const taken = new Map<string, string>();
  for (const name of settingNames) {
    const { flag } = settings[name];
    const derive = DERIVED[name];
    const address = addressOf(derive === undefined ? config[name] : derive(config));
    const source = given.get(flag) ?? (derive === undefined ? undefined : `the default of --${flag}`);
    // With port 0 each gets a port of its own.
    if (source === undefined || address === undefined || address.port === 0) continue;
    const shown = formatAddress(address);
    const other = taken.get(shown);
    if (other !== undefined) report(new ConfigError(`${other} and ${source} both listen on ${shown}`));
    taken.set(shown, source);
  }
};
