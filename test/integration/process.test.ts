/** The executable: exit codes, its configuration, its log (spec sections 7 and 11). */

import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { logEvents } from '../../src/observe/log-events.ts';
import { floodLog } from '../support/log-flood.ts';
import { Peers } from '../support/peer.ts';
import { MAIN, RelayProcess, runMain } from '../support/relay-process.ts';

let relay: RelayProcess | undefined;
const peers = new Peers(() => relay?.url ?? '');
afterEach(() => {
  peers.dispose();
  relay?.kill();
  relay = undefined;
});

describe('a bad flag exits 2 with one line, before anything listens', () => {
  test.each([
    [[], '--insecure-listen 127.0.0.1:8080 (plain ws://'],
    [['--insecure-listen'], '--insecure-listen needs a value'],
    [['--insecure-listen', 'nonsense'], 'host:port'],
    [['--insecure-listen', '127.0.0.1:65536'], 'port from 0 to 65535'],
    [['--insecure-listen', '256.0.0.1:0'], 'host:port'],
    [['--insecure-listen', '[1]:0'], 'host:port'],
    [['--insecure-listen', '[::::]:0'], 'host:port'],
    [['--insecure-listen', '127.0.0.1:0', '--frobnicate'], 'unknown flag "--frobnicate"'],
    [['--insecure-listen', ':1', '--insecure-listen', ':2'], '--insecure-listen is given twice'],
    [['--insecure-listen', '127.0.0.1:0', 'extra'], 'unexpected argument "extra"'],
    [['--insecure-listen', '127.0.0.1:0', '--max-phones', '-1'], '--max-phones'],
    [['--insecure-listen', '127.0.0.1:0', '--max-phones', '1.5'], '--max-phones takes a whole number'],
    [['--insecure-listen', '127.0.0.1:0', '--grace', '30'], '--grace takes a duration'],
    [['--insecure-listen', '127.0.0.1:0', '--grace', '999h'], '--grace takes a duration'],
    [['--insecure-listen', '127.0.0.1:0', '--max-frame-bytes', '1MB'], '--max-frame-bytes takes a size'],
    [
      ['--insecure-listen', '127.0.0.1:0', '--max-frame-bytes', '8MiB'],
      '--phone-backlog-bytes 4MiB cannot hold one frame of --max-frame-bytes 8MiB',
    ],
    [['--insecure-listen', '127.0.0.1:0', '--log-level', 'loud'], '--log-level takes one of'],
    [['--insecure-listen', '127.0.0.1:0', '--metrics-listen', '0.0.0.0:9090'], 'loopback'],
    [['--insecure-listen', '127.0.0.1:0', '--metrics-listen', 'localhost:9090'], 'loopback'],
    [['--insecure-listen', '127.0.0.1:0', '--metrics-listen', ':9090'], 'loopback'],
  ])('%j', async (args, says) => {
    const { code, stderr, stdout } = await runMain(args);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
  });

  test('a bad variable is reported under its own name', async () => {
    const { code, stderr } = await runMain(['--insecure-listen', '127.0.0.1:0'], {
      PYRYCODE_RELAY_GRACE: 'soon',
    });
    expect(code).toBe(2);
    expect(stderr).toContain('PYRYCODE_RELAY_GRACE takes a duration');
  });
});

test.each([
  [{ PYRYCODE_RELAY_PRODUCTION: '1' }, '--insecure-listen is refused in production'],
  [{ PYRYCODE_RELAY_PRODUCTION: 'true' }, 'PYRYCODE_RELAY_PRODUCTION takes exactly 1'],
  [{ PYRYCODE_RELAY_SINGLE_INSTANCE: '' }, 'PYRYCODE_RELAY_SINGLE_INSTANCE takes exactly 1'],
  [{ FLY_APP_NAME: 'relay' }, 'set PYRYCODE_RELAY_SINGLE_INSTANCE=1'],
])('a boot check exits 2 with one line, before anything listens: %j', async (env, says) => {
  const { code, stderr, stdout } = await runMain(['--insecure-listen', '127.0.0.1:0'], env);
  expect(code).toBe(2);
  expect(stderr).toContain(says);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stdout).toBe('');
});

test('what is set and not used is warned about, and the relay serves', async () => {
  relay = await RelayProcess.start(['--cert-cache', '/nowhere'], { PYRYCODE_RELAY_GRACES: '1s' });
  await relay.logged('listening');
  expect(relay.lines.filter(({ msg }) => msg === 'setting ignored')).toMatchObject([
    { level: 'warn', err: '--cert-cache: --insecure-listen has no certificates' },
    { level: 'warn', err: 'PYRYCODE_RELAY_GRACES: no such setting (did you mean PYRYCODE_RELAY_GRACE?)' },
  ]);
});

test('root is warned about, outside production', { skip: process.geteuid?.() !== 0 }, async () => {
  relay = await RelayProcess.start();
  await relay.logged('listening');
  const warnings = relay.lines.filter(({ msg }) => msg === 'more privileges than needed');
  expect(warnings).toHaveLength(1);
  expect(warnings).toMatchObject([
    { level: 'warn', err: expect.stringMatching(/^root \(effective uid 0\): /) },
  ]);
});

test('--version and --help print and exit 0', async () => {
  const version = await runMain(['--version']);
  expect(version).toMatchObject({ code: 0, stderr: '' });
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  const help = await runMain(['--help', '--max-phones', 'ignored']);
  expect(help.code).toBe(0);
  expect(help.stdout).toContain('Usage, with more flags');
});

test('what people try first works: -v, version, -h, help, help COMMAND', async () => {
  const [version, help, record] = await Promise.all([
    runMain(['--version']),
    runMain(['--help']),
    runMain(['record', '--help']),
  ]);
  for (const args of [['-v'], ['version']]) expect(await runMain(args)).toEqual(version);
  for (const args of [['-h'], ['help'], ['help', 'help']]) expect(await runMain(args)).toEqual(help);
  expect(await runMain(['help', 'record'])).toEqual(record);
  const limits = await runMain(['help', 'limits']);
  expect(limits.stdout).toContain('--max-phones NUMBER (16)');
  for (const args of [
    ['--help', 'limits'],
    ['-h', 'LIMITS'],
  ])
    expect(await runMain(args)).toEqual(limits);
});

test('help on what there is not exits 2, as any other mistake on the command line', async () => {
  expect(await runMain(['help', 'me'])).toEqual({
    code: 2,
    stdout: '',
    stderr: 'pyrycode-relay: there is no command, group or flag "me"; see help\n',
  });
  for (const typed of ['chek-config', 'chceck-config'])
    expect(await runMain([typed, '--insecure-listen', '127.0.0.1:0'])).toEqual({
      code: 2,
      stdout: '',
      stderr: `pyrycode-relay: there is no command "${typed}" (did you mean check-config?)\n`,
    });
  const { code, stderr } = await runMain(['token', '--serverid', 'a']);
  expect([code, stderr]).toEqual([
    2,
    'pyrycode-relay: unknown flag "--serverid" (did you mean --server-id?); see help token\n',
  ]);
});

test('a limit of connections that no file descriptors are left for is warned about', async () => {
  const relay = await RelayProcess.start(['--max-connections', '1000000']);
  onTestFinished(async () => void (await relay.stop()));
  expect(relay.lines.filter(({ msg }) => msg === 'connections exceed descriptors')).toEqual([
    expect.objectContaining({
      level: 'warn',
      err: expect.stringMatching(/^--max-connections 1000000, but the process may open \d+ files: raise /),
    }),
  ]);
});

test('an address in use exits 1, and the log names it', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo; // It listens on TCP.
  const { code, stdout } = await runMain(['--insecure-listen', `127.0.0.1:${port}`, '--metrics-listen=']);
  taken.close();
  expect(code).toBe(1);
  const line = JSON.parse(stdout) as Record<string, unknown>; // Throws unless it is exactly one line.
  expect(line).toMatchObject({
    level: 'error',
    msg: 'listener failed',
    addr: `127.0.0.1:${port}`,
    err: 'Error EADDRINUSE',
  });
});

describe('the default metrics port, which is Prometheus’s own, is busy', () => {
  const taken = createServer();
  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      // If another program has it, it is as busy as we need it.
      taken.once('error', () => resolve());
      taken.listen(9_090, '127.0.0.1', resolve);
    });
  });
  afterAll(() => taken.close());

  test('not asked for: the relay serves without metrics, and says so', async () => {
    relay = await RelayProcess.start([], {}, MAIN, []);
    await peers.binary(peers.serverId());
    expect(relay.lines[0]).toMatchObject({
      level: 'warn',
      msg: 'metrics listener left out',
      addr: '127.0.0.1:9090',
      err: 'Error EADDRINUSE',
    });
    expect(relay.count('starting metrics listener')).toBe(0);
    expect(await relay.stop()).toBe(0);
  });

  test.each([
    ['by a flag', ['--metrics-listen', '127.0.0.1:9090'], {}],
    ['by a variable', [], { PYRYCODE_RELAY_METRICS_LISTEN: '127.0.0.1:9090' }],
  ])('asked for %s: exit 1, and the log names it', async (_, args, env) => {
    const { code, stdout } = await runMain(['--insecure-listen', '127.0.0.1:0', ...args], env);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ msg: 'listener failed', addr: '127.0.0.1:9090' });
  });
});

describe('a stalled stdout', () => {
  test('blocks neither the relay nor its shutdown', async () => {
    relay = await RelayProcess.start(['--drain-deadline', '1s']);
    relay.child.stdout.pause();
    // Far more than the pipe and its reader can buffer.
    await floodLog(peers, 80);
    const serverId = peers.serverId();
    const binary = await peers.binary(serverId);
    await peers.phone(serverId).then((phone) => phone.roundTrip());
    await binary.roundTrip();
    relay.child.kill('SIGTERM');
    await new Promise<void>((resolve) => relay?.child.once('exit', () => resolve()));
    expect(relay.child.exitCode).toBe(0);
  });

  test('blocks neither if the disk is full', async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [MAIN, '--insecure-listen', '127.0.0.1:0', '--metrics-listen='], {
      stdio: ['ignore', full, 'inherit'],
    });
    // The log is lost, so nothing shows when it listens. A signal before that also ends it, by the default action.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    child.kill('SIGTERM');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    closeSync(full);
    expect(code).toBe(0);
  });
});

test('unknown PYRYCODE_RELAY_ variables are ignored; known ones apply unless a flag is given', async () => {
  relay = await RelayProcess.start(['--max-phones', '1'], {
    PYRYCODE_RELAY_COLOUR: 'x',
    PYRYCODE_RELAY_MAX_PHONES: '3',
    PYRYCODE_RELAY_GRACE: '300ms',
  });
  const serverId = peers.serverId();
  const binary = await peers.binary(serverId);
  await peers.knownPhone(serverId, binary);
  const refused = await peers.phone(serverId);
  expect((await refused.closed).code).toBe(4429);
  binary.ws.close();
  await relay.logged('server_grace_expired');
});

test('--metrics-listen= switches metrics off', async () => {
  relay = await RelayProcess.start(['--metrics-listen=']);
  const serverId = peers.serverId();
  await peers.binary(serverId);
  await relay.logged('server_claimed');
  expect(relay.count('starting metrics listener')).toBe(0);
});

test('--log-level hides lines below that level', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo; // It listens on TCP.
  const args = ['--insecure-listen', `127.0.0.1:${port}`, '--metrics-listen='];
  expect(await runMain([...args, '--log-level', 'silent'])).toMatchObject({ code: 1, stdout: '' });
  expect((await runMain([...args, '--log-level', 'error'])).stdout).toContain('listener failed');
  taken.close();
});

test.each([
  ['logfmt', /^time=\S+Z level=ERROR msg="listener failed" addr=127\.0\.0\.1:\d+ err="Error EADDRINUSE"\n$/],
  ['pretty', /^\d\d:\d\d:\d\d\.\d{3} ERROR listener failed addr=127\.0\.0\.1:\d+ err="Error EADDRINUSE"\n$/],
])('--log-format %s writes each line in that format, and heeds the level', async (format, line) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo; // It listens on TCP.
  const args = ['--insecure-listen', `127.0.0.1:${port}`, '--metrics-listen=', '--log-format', format];
  expect((await runMain([...args, '--log-level', 'error'])).stdout).toMatch(line);
  expect((await runMain([...args, '--log-level', 'silent'])).stdout).toBe('');
  taken.close();
});

describe('the log', () => {
  test('TestLogKeysAreAllowlisted: each line has level, time, msg and exactly the keys of its event, but no pid or host name', async () => {
    relay = await RelayProcess.start(['--grace', '200ms']);
    const serverId = peers.serverId();
    const early = await peers.phone(serverId);
    await early.closed;
    const binary = await peers.binary(serverId);
    const claimant = await peers.dialBinary(serverId).open();
    await claimant.closed;
    const { phone } = await peers.knownPhone(serverId, binary);
    binary.send('nonsense');
    binary.send('{"conn_id":"nobody","frame":1}');
    phone.send('nonsense');
    await phone.closed;
    binary.ws.close();
    await relay.logged('server_grace_expired');
    await relay.stop();
    const kinds = new Set<unknown>();
    for (const { level, time, msg, ...fields } of relay.lines) {
      kinds.add(msg);
      const event = Object.entries(logEvents).find(([name]) => name === msg)?.[1];
      expect(level).toBe(event?.level);
      expect(Object.keys(fields).toSorted()).toEqual([...(event?.keys ?? [])].toSorted());
      expect(new Date(String(time)).toISOString()).toBe(time);
    }
    expect(kinds.size).toBeGreaterThan(10);
    // What the relay takes comes first.
    expect(relay.lines.slice(0, 3)).toMatchObject([
      { msg: 'connection limit' },
      { msg: 'push off' },
      { msg: 'starting', mode: 'insecure', listen: relay.url.slice(5) },
    ]);
  });
});
