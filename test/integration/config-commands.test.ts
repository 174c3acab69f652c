/** `check-config` and `print-config`, as an operator calls them. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAIN, runMain } from '../support/relay-process.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'relay-config-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const PLAIN = ['--insecure-listen', '127.0.0.1:8080'];

describe('check-config', () => {
  test('says that all is good, and exits 0', async () => {
    const { code, stdout, stderr } = await runMain(['check-config', ...PLAIN]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/the configuration is good\n$/);
  });

  test('names what is set and not used', async () => {
    const args = ['check-config', ...PLAIN, '--cert-cache', folder];
    const { code, stdout } = await runMain(args, { PYRYCODE_RELAY_GRACES: '1s' });
    expect(code).toBe(0);
    expect(stdout).toContain(
      'warning: setting ignored: --cert-cache: --insecure-listen has no certificates\n',
    );
    expect(stdout).toContain('warning: setting ignored: PYRYCODE_RELAY_GRACES: no such setting');
  });

  test('binds nothing: an address that is taken is no fault', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { code } = await runMain(['check-config', '--insecure-listen', `127.0.0.1:${port}`]);
    expect(code).toBe(0);
    taken.close();
  });

  test('names all faults at once, each as a start would, and exits 2', async () => {
    const file = join(folder, 'relay.toml');
    writeFileSync(file, 'graze = "1s"\nmax-phones = "many"\n');
    const tokens = join(folder, 'tokens');
    writeFileSync(tokens, 'not a hash\n');
    const args = ['--bogus', '--grace', '0s', '--config', file, '--binary-tokens', tokens];
    const env = { PYRYCODE_RELAY_RATE_BURST: 'x', PYRYCODE_RELAY_PRODUCTION: 'true' };
    const { code, stdout, stderr } = await runMain(['check-config', ...args], env);
    expect(code).toBe(2);
    expect(stdout).not.toContain('good');
    const lines = stderr.trimEnd().split('\n');
    const expected = [
      'unknown flag "--bogus"',
      '--grace takes a duration',
      'unknown key "graze"',
      ':2: max-phones takes',
      'PYRYCODE_RELAY_RATE_BURST takes',
      'PYRYCODE_RELAY_PRODUCTION takes exactly 1',
      `--binary-tokens: ${tokens}:1: the line`,
    ];
    for (const part of expected)
      expect(
        lines.filter((line) => line.includes(part)),
        part,
      ).toHaveLength(1);
    expect(lines).toHaveLength(expected.length);
    for (const line of lines) expect(line).toMatch(/^pyrycode-relay: /);
  });

  test.each([
    [['--tls-cert', '/nowhere/c.pem', '--tls-key', '/nowhere/k.pem'], /--tls-cert, --tls-key: .*c\.pem/],
    [['--config', '/nowhere/relay.toml'], /--config: .*relay\.toml/],
    [[], /no listener/],
    [
      ['--insecure-listen', ':1', '--inspect-listen', '127.0.0.1:2', '--metrics-listen', '127.0.0.1:2'],
      /both listen/,
    ],
    [['--domain', 'relay.example.org', '--cert-cache', '/proc/version'], /--cert-cache .*not a folder/],
  ] as const)('%j is a fault', async (args, text) => {
    const { code, stderr } = await runMain(['check-config', ...args]);
    expect(stderr).toMatch(text);
    expect([code, stderr.trimEnd().split('\n')]).toEqual([2, [expect.anything()]]);
  });

  test('creates no folder for certificates', async () => {
    const cache = join(folder, 'certs');
    const { code } = await runMain(['check-config', '--domain', 'relay.example.org', '--cert-cache', cache]);
    expect([code, readdirSync(folder)]).toEqual([0, []]);
  });

  test('and a start refuse the same', async () => {
    const args = ['--insecure-listen', '127.0.0.1:0', '--grace', 'soon'];
    const [checked, started] = [await runMain(['check-config', ...args]), await runMain(args)];
    expect([checked.code, checked.stderr]).toEqual([started.code, started.stderr]);
  });
});

describe('print-config', () => {
  test('prints a file that --config takes', async () => {
    const args = [...PLAIN, '--grace', '90s', '--max-phones', '3'];
    const printed = await runMain(['print-config', ...args]);
    expect(printed.code).toBe(0);
    const file = join(folder, 'relay.toml');
    writeFileSync(file, printed.stdout);
    const again = await runMain(['print-config', '--format=json', '--config', file]);
    const values: unknown = JSON.parse(again.stdout);
    expect(values).toMatchObject({
      grace: { value: '90s', source: expect.stringContaining('relay.toml:') },
      'max-phones': { value: '3' },
      'insecure-listen': { value: '127.0.0.1:8080' },
      'max-connections': { value: expect.stringMatching(/^\d+$/), source: expect.stringContaining('%') },
    });
  });

  test.each([
    [['--format', 'yaml'], '--format takes toml or json, not "yaml"'],
    [['--format'], '--format takes toml or json, not nothing'],
    [['--grace', 'x'], '--grace takes'],
  ] as const)('%j exits 2', async (args, text) => {
    const { code, stderr, stdout } = await runMain(['print-config', ...PLAIN, ...args]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(text);
  });

  test('shows no token', async () => {
    const tokens = join(folder, 'tokens');
    writeFileSync(tokens, `${'a'.repeat(64)} some-server\n`);
    const { stdout } = await runMain(['print-config', ...PLAIN, '--binary-tokens', tokens]);
    expect(stdout).toContain(tokens);
    expect(stdout).not.toContain('aaaa');
    expect(stdout).not.toContain('some-server');
  });
});

test.skipIf(process.platform !== 'linux')('what cannot be printed is an error in one line', () => {
  const out = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'print-config', ...PLAIN], {
    stdio: ['ignore', out, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(out);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^pyrycode-relay: stdout: ENOSPC.*\n$/);
});

test.each(['check-config', 'print-config', 'healthcheck', 'probe'])(
  '%s has help, also by help COMMAND',
  async (command) => {
    const [own, byHelp] = [await runMain([command, '--help']), await runMain(['help', command])];
    expect(own).toEqual(byHelp);
    expect([own.code, own.stderr]).toEqual([0, '']);
    expect(own.stdout).toMatch(new RegExp(`^Usage: pyrycode-relay ${command}`));
  },
);
