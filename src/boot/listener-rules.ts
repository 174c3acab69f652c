/** What is listened to must not collide. */
import { ConfigError } from '../config/config-error.ts';
import type { Given } from '../config/read-config.ts';
import { type Config, settingNames, settings } from '../config/settings.ts';
import { formatAddress, type ListenAddress } from '../transport/listening.ts';

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
