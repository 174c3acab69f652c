/** What somebody has set, and the relay does not use: it starts, and says so. */
import { expect, test } from 'vitest';
import { checkBoot } from '../../src/boot/check-boot.ts';
import { ignoredSettings } from '../../src/boot/ignored-settings.ts';
import { type Env, envName, readCommand } from '../../src/config/read-config.ts';
import { settingNames, settings } from '../../src/config/settings.ts';

const PLAIN = ['--insecure-listen', '127.0.0.1:8080'];

const ignored = (args: readonly string[], env: Env = {}): readonly string[] => {
  const command = readCommand(args, env);
  if (command.kind !== 'run') throw new Error(`expected to run, got ${command.kind}`);
  checkBoot(command, { env: {}, effectiveUid: 65_532, processStatus: '' });
  return ignoredSettings(command.given, env);
};

test('--cert-cache beside --insecure-listen, as the Go relay takes it', () => {
  expect(ignored([...PLAIN, '--cert-cache', '/var/lib/relay'])).toEqual([
    '--cert-cache: --insecure-listen has no certificates',
  ]);
  expect(ignored(PLAIN, { PYRYCODE_RELAY_CERT_CACHE: '/var/lib/relay' })).toEqual([
    'PYRYCODE_RELAY_CERT_CACHE: --insecure-listen has no certificates',
  ]);
});

test.each([
  ['PYRYCODE_RELAY_GRACES', 'PYRYCODE_RELAY_GRACES: no such setting (did you mean PYRYCODE_RELAY_GRACE?)'],
  [
    'PYRYCODE_RELAY_PRODUCTIO',
    'PYRYCODE_RELAY_PRODUCTIO: no such setting (did you mean PYRYCODE_RELAY_PRODUCTION?)',
  ],
  ['PYRYCODE_RELAY_COLOUR', 'PYRYCODE_RELAY_COLOUR: no such setting'],
])('%s, which is no setting, and never its value', (name, said) => {
  expect(ignored(PLAIN, { [name]: 'a-secret' })).toEqual([said]);
});

test('a long name is shortened', () => {
  const [said = ''] = ignored(PLAIN, { [`PYRYCODE_RELAY_${'X'.repeat(10_000)}`]: '' });
  expect(said.length).toBeLessThan(200);
});

test('nothing of all settings, of other programs, and of what Kubernetes sets for a service of this name', () => {
  const known = settingNames.map((name) => envName(settings[name].flag));
  const set = (names: readonly string[]): Env => Object.fromEntries(names.map((name) => [name, 'x']));
  expect(ignoredSettings(new Map(), set(known))).toEqual([]);
  const others = ['PYRYCODE_RELAY_PRODUCTION', 'PYRYCODE_RELAY_SINGLE_INSTANCE', 'PYRYCODE_RELAYS', 'PATH'];
  expect(ignoredSettings(new Map(), set(others))).toEqual([]);
  const kubernetes = {
    PYRYCODE_RELAY_PORT: 'tcp://10.0.0.1:443',
    PYRYCODE_RELAY_PORT_443_TCP: 'tcp://10.0.0.1:443',
    PYRYCODE_RELAY_PORT_443_TCP_ADDR: '10.0.0.1',
    PYRYCODE_RELAY_SERVICE_HOST: '10.0.0.1',
    PYRYCODE_RELAY_SERVICE_PORT: '443',
    PYRYCODE_RELAY_SERVICE_PORT_HTTPS: '443',
  };
  expect(ignoredSettings(new Map(), kubernetes)).toEqual([]);
  expect(ignoredSettings(new Map(), { PYRYCODE_RELAY_PORT: '443' })).toEqual([
    'PYRYCODE_RELAY_PORT: no such setting',
  ]);
});
