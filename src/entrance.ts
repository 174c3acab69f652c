/** Joins who gets in: the rules of admission, the settings that they come from, and what a reload does to those who are in. */
import type { BinaryTokens } from './admission/binary-tokens.ts';
import {
  type DerivedCap,
  defaultConnections,
  type Machine,
  maxUnfinished,
} from './admission/default-connections.ts';
import { type AdmissionUse, Entrance, type Rules } from './admission/entrance.ts';
import type { Condition } from './admission/gate.ts';
import { UNFINISHED_DEADLINE_MS } from './admission/limits.ts';
import { TrustedProxies } from './admission/trusted-proxies.ts';
import { Announcements } from './announcements.ts';
import { ConfigError } from './config/config-error.ts';
import type { Reloadable } from './config/reloadable.ts';
import { type Config, settings } from './config/settings.ts';
import { readTokenFile } from './config/token-file.ts';
import { descriptorLimit, memoryLimitBytes } from './machine-limits.ts';
import { isOpen, isWaiting } from './machines/connection-view.ts';
import type { LogSink } from './observe/log-line.ts';
import type { ConnectionAdapter } from './transport/connection-adapter.ts';
import type { Observation } from './transport/observation.ts';
import { peerOf } from './transport/peer-of.ts';
import { UnfinishedConnections } from './transport/unfinished-connections.ts';

export interface EntranceOptions {
  readonly conditions?: readonly Condition[];
  readonly observe: (observation: Observation) => void;
  /** By conn id. */
  readonly adapters: ReadonlyMap<string, ConnectionAdapter>;
}

export interface OpenEntrance {
  readonly entrance: Entrance;
  readonly unfinished: UnfinishedConnections;
  readonly use: () => AdmissionUse & { readonly unfinished: number };
  readonly reloadable: Reloadable;
  /** Says at start, and from then on when a reload changes it, what the limits are and why, and what is dangerous. */
  readonly announce: (log: LogSink) => void;
}

export const machine = (): Machine => ({ memoryBytes: memoryLimitBytes(), descriptors: descriptorLimit() });

export const capOf = ({ maxConnections }: Config, found: Machine): DerivedCap =>
  maxConnections === null
    ? defaultConnections(found)
    : { maxConnections, reason: `--${settings.maxConnections.flag}` };

const rulesOf = (config: Config, { maxConnections }: DerivedCap, tokens: BinaryTokens | null): Rules => {
  const proxies = TrustedProxies.of(config.trustedProxies);
  // Its check has parsed them already.
  if (proxies === undefined) throw new ConfigError(`--${settings.trustedProxies.flag} names no network`);
  return {
    trust: { proxies, isEverybodyTrusted: config.trustXForwardedFor },
    rate: { burst: config.rateBurst, everyMs: config.rateEveryMs },
    caps: {
      maxConnections,
      maxPerSubscriber: config.maxConnectionsPerIp,
      reservedPercent: { binary: config.reservedBinaries, phone: config.reservedPhones },
    },
    tokens,
  };
};

const tokensOf = async ({ binaryTokens }: Config): Promise<BinaryTokens | null> =>
  binaryTokens === null ? null : await readTokenFile(binaryTokens);

const TOKENS_FLAG = `--${settings.binaryTokens.flag}`;

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const LIVE = [
  'trustedProxies',
  'trustXForwardedFor',
  'rateBurst',
  'rateEveryMs',
  'maxConnections',
  'maxConnectionsPerIp',
  'reservedBinaries',
  'reservedPhones',
  'binaryTokens',
] as const satisfies readonly (keyof Config)[];

const changedFlags = (before: Config, after: Config): string[] =>
  LIVE.filter((name) => String(before[name]) !== String(after[name])).map(
    (name) => `--${settings[name].flag}`,
  );

/** Closes the binaries and claimants whose token is gone. @returns how many */
const closeRevoked = (
  entrance: Entrance,
  { adapters, observe }: Pick<EntranceOptions, 'adapters' | 'observe'>,
): number => {
  let closed = 0;
  for (const adapter of adapters.values()) {
    const { role, tokenHash, serverId, connId, remote, source } = adapter;
    if (role !== 'binary' || entrance.mayClaim(tokenHash, serverId)) continue;
    const before = adapter.chart.getSnapshot();
    const wasAdmitted = isOpen(before);
    // It is being closed for another reason.
    if (!wasAdmitted && !isWaiting(before)) continue;
    observe({ type: 'token.revoked', serverId, connId, remote, source, wasAdmitted });
    adapter.chart.send({ type: 'token.revoked' });
    closed++;
  }
  return closed;
};

/** @throws ConfigError if the token file cannot be used */
export const openEntrance = async (config: Config, options: EntranceOptions): Promise<OpenEntrance> => {
  const { observe, conditions = [] } = options;
  const found = machine();
  const cap = capOf(config, found);
  const entrance = new Entrance(
    rulesOf(config, cap, await tokensOf(config)),
    () => performance.now(),
    conditions,
  );
  const unfinished = new UnfinishedConnections({
    deadlineMs: UNFINISHED_DEADLINE_MS,
    maxConnections: () => maxUnfinished(found, entrance.connections),
    onEnded: (limit, socket) => {
      const { address: remote, source } = peerOf(socket);
      observe({ type: 'admission.refused', limit, remote, source, path: '' });
    },
  });
  const announcements = new Announcements(found);
  let current = config;
  const prepare: Reloadable['prepare'] = async (next) => {
    const tokens = await tokensOf(next);
    const nextCap = capOf(next, found);
    const rules = rulesOf(next, nextCap, tokens);
    return () => {
      // The tokens are told in a text of their own.
      const changed = changedFlags(current, next).filter((flag) => tokens === null || flag !== TOKENS_FLAG);
      current = next;
      entrance.change(rules);
      // These two need a restart.
      const { proxyProtocol, httpsProxyProtocol } = config;
      announcements.say({ ...next, proxyProtocol, httpsProxyProtocol }, nextCap);
      const closed = closeRevoked(entrance, options);
      return [
        ...changed,
        ...(tokens === null ? [] : [`${TOKENS_FLAG}: ${counted(tokens.size, 'token', 'tokens')}`]),
        ...(closed === 0 ? [] : [`${counted(closed, 'binary', 'binaries')} closed`]),
      ];
    };
  };
  return {
    entrance,
    unfinished,
    use: () => ({ ...entrance.use, unfinished: unfinished.size }),
    reloadable: { prepare },
    announce: (log) => announcements.start(log, config, cap),
  };
};
