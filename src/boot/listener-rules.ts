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

/** What Node binds for no host too: every address of both families. */
const EVERYWHERE: ReadonlySet<string> = new Set(['', '::']);
const EVERYWHERE_IPV4 = '0.0.0.0';

/** Whether one of the two takes the other's address; the ports are the same. A name counts as an address of any family. */
const overlap = (one: string, other: string): boolean => {
  if (one === other || EVERYWHERE.has(one) || EVERYWHERE.has(other)) return true;
  const isIpv6 = (host: string): boolean => host.includes(':');
  return (one === EVERYWHERE_IPV4 && !isIpv6(other)) || (other === EVERYWHERE_IPV4 && !isIpv6(one));
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

interface Taken {
  readonly address: ListenAddress;
  readonly source: string;
}

const describeCollision = (one: Taken, other: Taken): string => {
  const [here, there] = [formatAddress(one.address), formatAddress(other.address)];
  return here === there
    ? `${one.source} and ${other.source} both listen on ${here}`
    : `${one.source} ${here} and ${other.source} ${there} collide: one of them takes every address`;
};

/**
 * The default of the metrics is not looked at: it gives way by itself.
 * Reports two on one address.
 */
export const checkListeners = (config: Config, given: Given, report: Report): void => {
  const taken: Taken[] = [];
  for (const name of settingNames) {
    const { flag } = settings[name];
    const derive = DERIVED[name];
    const address = addressOf(derive === undefined ? config[name] : derive(config));
    const source = given.get(flag) ?? (derive === undefined ? undefined : `the default of --${flag}`);
    // With port 0 each gets a port of its own.
    if (source === undefined || address === undefined || address.port === 0) continue;
    const other = taken.find(
      (known) => known.address.port === address.port && overlap(known.address.host, address.host),
    );
    if (other !== undefined) report(new ConfigError(describeCollision(other, { address, source })));
    taken.push({ address, source });
  }
};
