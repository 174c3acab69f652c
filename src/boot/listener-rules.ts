/** There is something to listen to, and nothing collides. */
import { ConfigError } from '../config/config-error.ts';
import type { Given } from '../config/flag-combinations.ts';
import { type Config, settingNames, settings } from '../config/settings.ts';
import { offeredWays, waysToListen } from '../config/ways-to-listen.ts';
import { formatAddress, type ListenAddress } from '../transport/listening.ts';

/** @throws ConfigError showing the ways to start */
export const checkAnyListener = (given: Given): void => {
  if (waysToListen.some(({ flag }) => given.has(flag))) return;
  const shown = offeredWays.map(({ example, summary }) => `${example} (${summary})`).join(', or ');
  throw new ConfigError(`no listener: start with ${shown}`);
};

const addressOf = (value: unknown): ListenAddress | undefined => {
  if (typeof value !== 'object' || value === null || !('host' in value) || !('port' in value))
    return undefined;
  const { host, port } = value;
  return typeof host === 'string' && typeof port === 'number' ? { host, port } : undefined;
};

/**
 * Only of settings that somebody has set: the default of the metrics gives way by itself.
 * @throws ConfigError naming both
 */
export const checkListeners = (config: Config, given: Given): void => {
  const taken = new Map<string, string>();
  for (const name of settingNames) {
    const source = given.get(settings[name].flag);
    const address = addressOf(config[name]);
    // With port 0 each gets a port of its own.
    if (source === undefined || address === undefined || address.port === 0) continue;
    const shown = formatAddress(address);
    const other = taken.get(shown);
    if (other !== undefined) throw new ConfigError(`${other} and ${source} both listen on ${shown}`);
    taken.set(shown, source);
  }
};
