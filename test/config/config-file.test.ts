/** The file of `--config`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfigFile } from '../../src/config/config-file.ts';
import { loadCommand } from '../../src/config/load-command.ts';
import { type Env, readCommand } from '../../src/config/read-config.ts';
import type { Config } from '../../src/config/settings.ts';

const LISTEN = ['--insecure-listen', '127.0.0.1:8080'];

const configOf = (text: string, args: readonly string[] = LISTEN, env: Env = {}): Config => {
  const command = readCommand(args, env, parseConfigFile('relay.toml', text));
  if (command.kind !== 'run') throw new Error(`expected to run, got ${command.kind}`);
  return command.config;
};

const FULL = [
  '# How this relay runs',
  'insecure-listen = "127.0.0.1:8081"',
  'max-phones = 5',
  '"max-frame-bytes" = 1_024',
  "phone-backlog-bytes = '1MiB'",
  'grace = "90s"',
  'metrics-listen = ""',
];

test('has settings as strings and whole numbers, under the names of the flags', () => {
  expect(configOf(FULL.join('\n'), [])).toMatchObject({
    insecureListen: { host: '127.0.0.1', port: 8_081 },
    maxPhones: 5,
    maxFrameBytes: 1_024,
    phoneBacklogBytes: 1_048_576,
    graceMs: 90_000,
    metricsListen: null,
  });
});

test.each([
  ['CRLF', FULL.join('\r\n')],
  ['a final newline', `${FULL.join('\n')}\n`],
  ['blank lines', `\n\n${FULL.join('\n\n')}\n\n`],
])('may have %s', (_, text) => {
  expect(configOf(text, [])).toEqual(configOf(FULL.join('\n'), []));
});

test('gives way to a variable, and that to a flag', () => {
  const env = { PYRYCODE_RELAY_MAX_PHONES: '6' };
  expect(configOf('max-phones = 5').maxPhones).toBe(5);
  expect(configOf('max-phones = 5', LISTEN, env).maxPhones).toBe(6);
  expect(configOf('max-phones = 5', [...LISTEN, '--max-phones=7'], env).maxPhones).toBe(7);
});

test('gives each setting the place where it was found', () => {
  const file = parseConfigFile('relay.toml', 'grace = "1s"\n\nmax-phones = 5\nlog-level = "warn"');
  const command = readCommand([...LISTEN, '--grace=2s'], { PYRYCODE_RELAY_LOG_LEVEL: 'error' }, file);
  expect(command.kind === 'run' && Object.fromEntries(command.given)).toEqual({
    'insecure-listen': '--insecure-listen',
    grace: '--grace',
    'log-level': 'PYRYCODE_RELAY_LOG_LEVEL',
    'max-phones': 'relay.toml:3: max-phones',
  });
});

describe('is refused with one line that names the file and the line', () => {
  test.each([
    ['an unknown key', 'grace = "1s"\nfoo = 1', 'relay.toml:2: unknown key "foo"'],
    ['a key in another case', 'Max-Phones = 1', 'relay.toml:1: unknown key "Max-Phones"'],
    ['a key of every object', '\n__proto__ = 1', 'relay.toml:2: unknown key "__proto__"'],
    ['a section', '\n[limits]\nmax-phones = 1', 'relay.toml:2: unknown key "limits"'],
    ['a dotted key', 'limits.max-phones = 1', 'relay.toml:1: unknown key "limits"'],
    ['a name of --config', 'config = "other.toml"', 'relay.toml:1: config is not for the file itself'],
    [
      'text for a number',
      'max-phones = "many"',
      'relay.toml:1: max-phones takes a whole number from 0 to 1000000, not "many"',
    ],
    [
      'a fraction',
      'max-phones = 1.0',
      'relay.toml:1: max-phones takes a whole number from 0 to 1000000, not 1',
    ],
    ['a negative number', 'max-phones = -1', 'not -1'],
    ['a huge number', 'max-phones = 9223372036854775807', 'max-phones takes a whole number'],
    ['a bare number for a duration', '#\ngrace = 30', 'relay.toml:2: grace takes a duration from 1ms to 24h'],
    [
      'a switch for a number',
      'max-phones = true',
      'relay.toml:1: max-phones takes a whole number from 0 to 1000000, not true',
    ],
    ['a number for text', 'log-level = 1', 'log-level takes one of info, warn, error, silent, not 1'],
    ['a list', 'max-phones = [1]', 'not a list'],
    ['a table', 'max-phones = { a = 1 }', 'not a table'],
    ['a date', 'grace = 2026-01-01', 'not a date'],
    ['a duplicate', 'grace = "1s"\ngrace = "2s"', 'relay.toml:2: invalid TOML: '],
    ['broken TOML', 'grace = "1s"\nmax-phones =\n', 'relay.toml:2: invalid TOML: '],
    ['text without quotes', 'domain = relay.example.org', 'text in quotes, as domain = "relay.example.org"'],
    ['no TOML at all', '--max-phones 5', 'relay.toml:1: invalid TOML: '],
    [
      'settings that contradict each other',
      'grace = "1s"\nmax-frame-bytes = "8MiB"',
      '--phone-backlog-bytes 4MiB cannot hold one frame of relay.toml:2: max-frame-bytes 8MiB',
    ],
    [
      'a wrong value that a flag overrides',
      'insecure-listen = "x"',
      'relay.toml:1: insecure-listen takes host:port',
    ],
    [
      'a line that a comment and a string show as well',
      '# grace = 1\nacme = """\ngrace = 1\n"""\n',
      'relay.toml:2: unknown key "acme"',
    ],
  ])('%s', (_, text, says) => {
    let message = '';
    try {
      configOf(text);
    } catch (error) {
      message = error instanceof Error && error.name === 'ConfigError' ? error.message : String(error);
    }
    expect(message).toContain(says);
    expect(message).not.toContain('\n');
  });
});

describe('the file', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'config-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (text: string): string => {
    const path = join(folder, 'relay.toml');
    writeFileSync(path, text);
    return path;
  };

  test('is named by a flag or by a variable', async () => {
    const path = write('max-phones = 5\ninsecure-listen = ":0"\n');
    expect(await loadCommand(['--config', path], {})).toMatchObject({ config: { maxPhones: 5 } });
    expect(await loadCommand([], { PYRYCODE_RELAY_CONFIG: path })).toMatchObject({
      config: { maxPhones: 5 },
    });
  });

  test('may begin with a byte order mark', async () => {
    const path = write('\u{feff}max-phones = 5\r\n');
    expect(await loadCommand([...LISTEN, '--config', path], {})).toMatchObject({ config: { maxPhones: 5 } });
  });

  test('is refused if it is missing, a folder, or longer than 64 KiB', async () => {
    const none = join(folder, 'none');
    await expect(loadCommand(['--config', none], {})).rejects.toThrow(
      `--config: ${none}: no such file (ENOENT)`,
    );
    await expect(loadCommand([], { PYRYCODE_RELAY_CONFIG: none })).rejects.toThrow(
      `PYRYCODE_RELAY_CONFIG: ${none}: no such file (ENOENT)`,
    );
    await expect(loadCommand(['--config', folder], {})).rejects.toThrow('not a file');
    const path = write(`#${'x'.repeat(65_536)}`);
    await expect(loadCommand(['--config', path], {})).rejects.toThrow('longer than 65536 bytes');
  });

  test('is not read for --help and --version', async () => {
    expect(await loadCommand(['--config', 'none', '--help'], {})).toEqual({ kind: 'help' });
    expect(await loadCommand(['--config', 'none', '--version'], {})).toEqual({ kind: 'version' });
  });
});
