/** Which settings go together: TestRun_InsecureMutexWithAutocertListenFlags and the rules of our own. */
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { checkCombinations } from '../../src/config/flag-combinations.ts';

const given = (flags: readonly string[]) => new Map(flags.map((flag) => [flag, `--${flag}`]));

const errorOf = (flags: ReadonlyMap<string, string>): string => {
  try {
    checkCombinations(flags);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof Error ? error.message : '';
  }
  return '';
};

describe.each(['http-listen', 'https-listen', 'https-proxy-protocol', 'domain', 'tls-cert'])(
  '--insecure-listen with --%s',
  (flag) => {
    test('is refused by both names, also when TLS would be complete', () => {
      const said = `--insecure-listen does not go with --${flag}: it serves plain ws:// only`;
      expect(errorOf(given(['insecure-listen', flag]))).toBe(said);
      expect(errorOf(given(['insecure-listen', flag, 'tls-key', 'cert-cache']))).toBe(said);
    });

    test('is named by where each was set', () => {
      const flags = new Map([
        ['insecure-listen', 'relay.toml:2: insecure-listen'],
        [flag, 'PYRYCODE_RELAY_X'],
      ]);
      expect(errorOf(flags)).toContain('relay.toml:2: insecure-listen does not go with PYRYCODE_RELAY_X: ');
    });
  },
);

describe('what needs another flag is refused without it', () => {
  test.each([
    [['tls-cert'], '--tls-cert needs --tls-key: '],
    [['tls-key'], '--tls-key needs --tls-cert: '],
    [['tls-key', 'domain'], '--tls-key needs --tls-cert: '],
    [['https-listen'], '--https-listen needs --tls-cert or --domain: '],
    [['https-proxy-protocol'], '--https-proxy-protocol needs --tls-cert or --domain: '],
    [['http-listen'], '--http-listen needs --domain: '],
    [['cert-cache'], '--cert-cache needs --domain: '],
    [['acme-directory'], '--acme-directory needs --domain: '],
    [['acme-email'], '--acme-email needs --domain: '],
    [['proxy-protocol', 'domain'], '--proxy-protocol needs --insecure-listen: '],
  ])('%j', (flags, says) => {
    expect(errorOf(given(flags)).startsWith(says)).toBe(true);
  });
});

test.each(['http-listen', 'cert-cache', 'acme-directory', 'acme-email'])(
  '--%s is for ACME, so it does not go with a certificate of one’s own, with or without --domain',
  (flag) => {
    const said = `--${flag} does not go with --tls-cert: `;
    expect(errorOf(given([flag, 'tls-cert', 'tls-key']))).toContain(said);
    expect(errorOf(given([flag, 'tls-cert', 'tls-key', 'domain']))).toContain(said);
  },
);

test.each([
  [['insecure-listen']],
  [['insecure-listen', 'proxy-protocol', 'metrics-listen', 'max-phones']],
  [['domain']],
  [
    [
      'domain',
      'cert-cache',
      'http-listen',
      'https-listen',
      'https-proxy-protocol',
      'acme-email',
      'acme-directory',
    ],
  ],
  [['tls-cert', 'tls-key']],
  [['tls-cert', 'tls-key', 'domain', 'https-listen', 'https-proxy-protocol']],
])('goes together: %j', (flags) => {
  expect(errorOf(given(flags))).toBe('');
});

test('what no rule names goes with anything', () => {
  expect(errorOf(given(['max-phones', 'metrics-listen']))).toBe('');
});
