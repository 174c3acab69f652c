/** The boot checks and their order (spec section 7). */
import { describe, expect, test } from 'vitest';
import { type BootFacts, checkBoot } from '../../src/boot/check-boot.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { completeConfig, type Env, readCommand } from '../../src/config/read-config.ts';
import { offeredWays } from '../../src/config/ways-to-listen.ts';

const UNPRIVILEGED = 'CapEff:\t0000000000000400\n';
const PRIVILEGED = 'CapEff:\t0000000000200000\n';
const PRODUCTION: Env = { PYRYCODE_RELAY_PRODUCTION: '1' };
const PLAIN = ['--insecure-listen', '127.0.0.1:8080'];
const TLS = [
  ['tls-cert', '--tls-cert'],
  ['tls-key', '--tls-key'],
] as const;

const facts = (env: Env, more: Partial<BootFacts> = {}): BootFacts => ({
  env,
  effectiveUid: 1_000,
  processStatus: UNPRIVILEGED,
  ...more,
});

const check = (args: readonly string[], found: BootFacts): readonly string[] => {
  const command = readCommand(args, found.env);
  if (command.kind !== 'run') throw new Error(`expected to run, got ${command.kind}`);
  return checkBoot(command, found);
};

/** As if TLS had been asked for. */
const checkTls = (found: BootFacts): readonly string[] =>
  checkBoot({ kind: 'run', config: completeConfig({}), given: new Map(TLS) }, found);

const errorOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof Error ? error.message : '';
  }
  return '';
};

describe.each(['PYRYCODE_RELAY_PRODUCTION', 'PYRYCODE_RELAY_SINGLE_INSTANCE'])('%s', (name) => {
  test.each(['', '0', 'true', 'TRUE', 'yes', ' 1', '1 ', '01'])('is refused as %j', (value) => {
    expect(errorOf(() => check(PLAIN, facts({ [name]: value })))).toBe(
      `${name} takes exactly 1, or is not set at all; not ${JSON.stringify(value)}`,
    );
  });
});

describe('a platform that may run several machines', () => {
  test('is refused by the name of its variable', () => {
    const said = errorOf(() => check(PLAIN, facts({ FLY_APP_NAME: 'relay' })));
    expect(said).toMatch(/^FLY_APP_NAME is set, .*set PYRYCODE_RELAY_SINGLE_INSTANCE=1$/);
    expect(said).not.toContain('relay"');
  });

  test('is taken if there is one machine, and an empty name is none', () => {
    const env = { FLY_APP_NAME: 'relay', PYRYCODE_RELAY_SINGLE_INSTANCE: '1' };
    expect(check(PLAIN, facts(env))).toEqual([]);
    expect(check(PLAIN, facts({ FLY_APP_NAME: '' }))).toEqual([]);
  });
});

describe('production', () => {
  test('refuses --insecure-listen, named by where it was set', () => {
    expect(errorOf(() => check(PLAIN, facts(PRODUCTION)))).toBe(
      '--insecure-listen is refused in production (PYRYCODE_RELAY_PRODUCTION=1): it serves without TLS',
    );
    const env = { ...PRODUCTION, PYRYCODE_RELAY_INSECURE_LISTEN: '127.0.0.1:8080' };
    expect(errorOf(() => check([], facts(env)))).toContain('PYRYCODE_RELAY_INSECURE_LISTEN is refused');
  });

  test('refuses root, and capabilities that are not needed', () => {
    expect(errorOf(() => checkTls(facts(PRODUCTION, { effectiveUid: 0 })))).toBe(
      'refused in production (PYRYCODE_RELAY_PRODUCTION=1): root (effective uid 0): run as a user of its own',
    );
    expect(errorOf(() => checkTls(facts(PRODUCTION, { processStatus: PRIVILEGED })))).toContain('SYS_ADMIN');
    expect(errorOf(() => checkTls(facts(PRODUCTION, { processStatus: '' })))).toContain('does not say');
  });

  test('takes TLS under a user of its own', () => {
    expect(checkTls(facts(PRODUCTION))).toEqual([]);
  });
});

test('elsewhere root and capabilities are warnings', () => {
  const warnings = check(PLAIN, facts({}, { effectiveUid: 0, processStatus: PRIVILEGED }));
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toContain('root');
  expect(warnings[1]).toContain('SYS_ADMIN');
});

test('without a listener, the error shows each way to start, on one line', () => {
  for (const args of [[], ['--max-phones', '1'], ['--inspect-listen', '127.0.0.1:1']]) {
    const said = errorOf(() => check(args, facts({})));
    expect(said).toMatch(/^no listener: start with --/);
    for (const { example, summary } of offeredWays) expect(said).toContain(`${example} (${summary})`);
    expect(said).not.toContain('\n');
  }
});

describe('two listeners', () => {
  test('on one address are refused by both names', () => {
    const args = [...PLAIN, '--inspect-listen', '127.0.0.1:8080'];
    expect(errorOf(() => check(args, facts({})))).toBe(
      '--insecure-listen and --inspect-listen both listen on 127.0.0.1:8080',
    );
    const env = { PYRYCODE_RELAY_METRICS_LISTEN: '127.0.0.1:8080' };
    expect(errorOf(() => check(PLAIN, facts(env)))).toBe(
      '--insecure-listen and PYRYCODE_RELAY_METRICS_LISTEN both listen on 127.0.0.1:8080',
    );
  });

  test.each([
    ['0.0.0.0:8080', '127.0.0.1:8080'],
    ['127.0.0.1:8080', '0.0.0.0:8080'],
    [':8080', '127.0.0.1:8080'],
    ['[::]:8080', '[::1]:8080'],
    ['127.0.0.1:8080', '[::]:8080'],
    ['0.0.0.0:8080', ':8080'],
    ['0.0.0.0:8080', 'localhost:8080'],
  ])('one of them on every address (%s, %s), are refused by both names', (https, http) => {
    const args = ['--domain', 'relay.example.org', '--https-listen', https, '--http-listen', http];
    expect(errorOf(() => check(args, facts({})))).toBe(
      `--https-listen ${https} and --http-listen ${http} collide: one of them takes every address`,
    );
  });

  test('one of them on a default, are refused too', () => {
    const args = ['--domain', 'relay.example.org', '--http-listen', ':443'];
    expect(errorOf(() => check(args, facts({})))).toBe(
      'the default of --https-listen and --http-listen both listen on :443',
    );
  });

  test.each([
    ['on free ports', ['--insecure-listen', '127.0.0.1:0', '--inspect-listen', '127.0.0.1:0']],
    ['one on the default of the metrics, which give way', ['--insecure-listen', '127.0.0.1:9090']],
    [
      'on every IPv4 address, and one of IPv6',
      ['--insecure-listen', '0.0.0.0:1', '--inspect-listen', '[::1]:1'],
    ],
    ['of two families', ['--insecure-listen', '127.0.0.1:1', '--inspect-listen', '[::1]:1']],
  ])('are taken %s', (_, args) => {
    expect(check(args, facts({}))).toEqual([]);
  });
});

test('the first rule that is broken is the error: flags, variables, platform, production, root, capabilities, addresses', () => {
  const bad = { PYRYCODE_RELAY_PRODUCTION: 'x', FLY_APP_NAME: 'relay' };
  const all = { effectiveUid: 0, processStatus: PRIVILEGED };
  const collide = [...PLAIN, '--inspect-listen', '127.0.0.1:8080'];
  expect(errorOf(() => check([], facts(bad, all)))).toContain('no listener');
  expect(errorOf(() => check(collide, facts(bad, all)))).toContain('takes exactly 1');
  const platform = { ...PRODUCTION, FLY_APP_NAME: 'relay' };
  expect(errorOf(() => check(collide, facts(platform, all)))).toContain('FLY_APP_NAME');
  expect(errorOf(() => check(collide, facts(PRODUCTION, all)))).toContain('--insecure-listen is refused');
  expect(errorOf(() => checkTls(facts(PRODUCTION, all)))).toContain('root');
  expect(errorOf(() => checkTls(facts(PRODUCTION, { processStatus: PRIVILEGED })))).toContain('SYS_ADMIN');
  expect(errorOf(() => check(collide, facts({}, all)))).toContain('both listen on');
});
