/** Which settings go together (spec section 7). */
import { isDeepStrictEqual } from 'node:util';
import { ConfigError, type Report, throwFault } from './config-error.ts';
import { type Config, settingNames, settings } from './settings.ts';

/**
 * The settings that somebody has set, by flag, each with where: `--grace`, `PYRYCODE_RELAY_GRACE`, `relay.toml:3: grace`. The others have
 * their defaults.
 */
export type Given = ReadonlyMap<string, string>;

interface Rule {
  readonly flag: string;
  /** At least one of them must be given as well. */
  readonly needs?: readonly string[];
  /** None of them may be given as well, not even with its default. */
  readonly excludes?: readonly string[];
  /** If it is given, this one is ignored (`ignoredSettings`). */
  readonly isIgnoredWith?: string | undefined;
  /** The reason, as the end of the error. */
  readonly because: string;
}

const ACME_FLAGS = ['http-listen', 'cert-cache', 'acme-directory', 'acme-email'] as const;

/** By flag. The first rule that is broken is the error. */
const rules: readonly Rule[] = [
  {
    flag: 'insecure-listen',
    excludes: ['http-listen', 'https-listen', 'https-proxy-protocol', 'domain', 'tls-cert'],
    because: 'it serves plain ws:// only',
  },
  { flag: 'tls-cert', needs: ['tls-key'], because: 'a certificate serves with its key' },
  { flag: 'tls-key', needs: ['tls-cert'], because: 'a key serves with its certificate' },
  ...ACME_FLAGS.map((flag) => ({
    flag,
    needs: ['domain'],
    excludes: ['tls-cert'],
    isIgnoredWith: flag === 'cert-cache' ? 'insecure-listen' : undefined,
    because: "it is for certificates from Let's Encrypt",
  })),
  { flag: 'https-listen', needs: ['tls-cert', 'domain'], because: 'TLS needs a certificate' },
  {
    flag: 'https-proxy-protocol',
    needs: ['tls-cert', 'domain'],
    because: 'it is for the TLS listener; the plain one has --proxy-protocol',
  },
  {
    flag: 'proxy-protocol',
    needs: ['insecure-listen'],
    because: 'it is for the plain listener; the TLS one has --https-proxy-protocol',
  },
  ...['fcm-project', 'fcm-endpoint'].map((flag) => ({
    flag,
    needs: ['fcm-credentials'],
    because: 'it is for wakes through FCM',
  })),
  {
    flag: 'trust-x-forwarded-for',
    excludes: ['trusted-proxy'],
    because: 'it believes anyone, and not only these proxies',
  },
];

/** Reports both flags, each by where it was set. */
export const checkCombinations = (given: Given, report: Report = throwFault): void => {
  for (const { flag, needs, excludes = [], isIgnoredWith, because } of rules) {
    const source = given.get(flag);
    if (source === undefined || (isIgnoredWith !== undefined && given.has(isIgnoredWith))) continue;
    for (const other of excludes) {
      const excluded = given.get(other);
      if (excluded !== undefined)
        report(new ConfigError(`${source} does not go with ${excluded}: ${because}`));
    }
    if (needs !== undefined && !needs.some((other) => given.has(other))) {
      const needed = needs.map((other) => `--${other}`).join(' or ');
      report(new ConfigError(`${source} needs ${needed}: ${because}`));
    }
  }
};

/**
 * For an embedding program, where what differs from its default counts as given.
 * @throws ConfigError naming both flags
 */
export const checkOptionCombinations = (config: Config): void => {
  const flags = settingNames
    .filter((name) => !isDeepStrictEqual(config[name], settings[name].fallback))
    .map((name) => settings[name].flag);
  checkCombinations(new Map(flags.map((flag) => [flag, `--${flag}`])));
};
