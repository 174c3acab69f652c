/** `print-config`: what is printed is what a start would use, and can be used as a configuration file. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfigFile } from '../../src/config/config-file.ts';
import { effectiveSettings } from '../../src/config/effective-settings.ts';
import { asJson, asToml } from '../../src/config/print-config.ts';
import { type Env, type RunCommand, readCommand } from '../../src/config/read-config.ts';
import { settingNames, settings } from '../../src/config/settings.ts';

const commandOf = (args: readonly string[], env: Env = {}, toml = ''): RunCommand => {
  const command = readCommand(args, env, parseConfigFile('relay.toml', toml));
  if (command.kind !== 'run') throw new Error('expected to run');
  return command;
};

const tomlOf = (command: RunCommand): string => asToml(effectiveSettings(command, new Map()));

describe('as TOML', () => {
  test('each value is printed with who has set it; the rest as comments', () => {
    const env = { PYRYCODE_RELAY_MAX_PHONES: '5' };
    const lines = tomlOf(
      commandOf(['--insecure-listen', ':1', '--proxy-protocol'], env, '\ngrace = "1m"'),
    ).split('\n');
    expect(lines).toContain('insecure-listen = ":1"  # --insecure-listen');
    expect(lines).toContain('proxy-protocol = true  # --proxy-protocol');
    expect(lines).toContain('max-phones = 5  # PYRYCODE_RELAY_MAX_PHONES');
    expect(lines).toContain('grace = "1m"  # relay.toml:2: grace');
    expect(lines).toContain('# rate-burst = 20  # default');
    expect(lines).toContain('# binary-tokens: not set');
  });

  test('does not show a key that is in a variable', () => {
    const env = { PYRYCODE_RELAY_FCM_CREDENTIALS: '{"private_key":"secret"}' };
    const command = commandOf(['--insecure-listen', ':1'], env);
    expect(tomlOf(command)).toContain('# fcm-credentials: not shown  # PYRYCODE_RELAY_FCM_CREDENTIALS\n');
    expect(tomlOf(command) + asJson(effectiveSettings(command, new Map()))).not.toContain('secret');
    const byFile = commandOf(['--insecure-listen', ':1', '--fcm-credentials', 'key.json']);
    expect(tomlOf(byFile)).toContain('fcm-credentials = "key.json"  # --fcm-credentials\n');
  });

  test('has each setting once', () => {
    const flags = tomlOf(commandOf(['--insecure-listen', ':1']))
      .trimEnd()
      .split('\n')
      .map((line) => /^(?:# )?([a-z-]+)[ :]/.exec(line)?.[1]);
    expect(flags).toEqual(settingNames.map((name) => settings[name].flag));
  });

  test('a derived value is a comment with its reason', () => {
    const derived = new Map([
      ['maxConnections' as const, { text: '800', reason: '80 % of 1000 file descriptors' }],
    ]);
    const command = commandOf(['--insecure-listen', ':1']);
    expect(asToml(effectiveSettings(command, derived))).toContain(
      '# max-connections = 800  # 80 % of 1000 file descriptors\n',
    );
    expect(
      asToml(effectiveSettings(commandOf(['--insecure-listen', ':1', '--max-connections', '5']), derived)),
    ).toContain('max-connections = 5  # --max-connections\n');
  });

  test('is a file that gives the same settings again, whatever the values', () => {
    const texts = {
      'insecure-listen': fc.constantFrom('127.0.0.1:80', '[::1]:8080', ':0', 'relay.example:1'),
      grace: fc.integer({ min: 1, max: 86_400_000 }).map((ms) => `${ms}ms`),
      'max-frame-bytes': fc.integer({ min: 1, max: 4 * 1024 * 1024 - 64 }).map(String),
      'max-phones': fc.integer({ min: 0, max: 1_000_000 }).map(String),
      'trusted-proxy': fc.constantFrom('loopback', '10.0.0.0/8,private', '2001:db8::1'),
      'proxy-protocol': fc.constantFrom('true', 'false'),
      'binary-tokens': fc
        .string({ minLength: 1, unit: 'binary' })
        .filter((text) => !text.includes('\0') && !text.includes('\ufeff')),
      'log-level': fc.constantFrom('info', 'silent'),
      'metrics-listen': fc.constantFrom('127.0.0.1:1', '[::1]:9', ''),
    };
    fc.assert(
      fc.property(fc.record(texts, { requiredKeys: ['insecure-listen'] }), (given) => {
        const command = commandOf(Object.entries(given).map(([flag, text]) => `--${flag}=${text}`));
        expect(commandOf([], {}, tomlOf(command)).config).toEqual(command.config);
      }),
    );
  });
});

test('as JSON: values as their flags take them, and null', () => {
  const printed: unknown = JSON.parse(
    asJson(effectiveSettings(commandOf(['--insecure-listen', ':1', '--grace', '90s']), new Map())),
  );
  expect(printed).toMatchObject({
    grace: { value: '90s', source: '--grace' },
    'max-phones': { value: '16', source: 'default' },
    'tls-cert': { value: null, source: 'default' },
  });
});
