/** `probe`: what a relay's users would find, from outside. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CHECKS } from '../../src/probe/check-names.ts';
import { makeCertificate } from '../support/certificates.ts';
import { type Fault, FaultyRelay } from '../support/faulty-relay.ts';
import { prometheusMissing, promtool } from '../support/prometheus.ts';
import { MAIN, RelayProcess, runMain } from '../support/relay-process.ts';

let folder: string;
let relay: RelayProcess | undefined;
let faulty: FaultyRelay | undefined;
let server: Server | undefined;
let child: ChildProcessWithoutNullStreams | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'probe-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  relay?.kill();
  faulty?.stop();
  server?.close();
  child?.kill('SIGKILL');
  relay = faulty = server = child = undefined;
});

interface Report {
  readonly success: boolean;
  readonly dials: number;
  readonly checks: readonly { readonly check: string; readonly result: string; readonly problem: string }[];
  readonly roundTrips: readonly { readonly from: string; readonly bytes: number; readonly p99Ms: number }[];
}

const probed = async (url: string, ...args: string[]): Promise<{ code: number | null; report: Report }> => {
  const { code, stdout } = await runMain(['probe', url, '--json', ...args], {}, 30_000);
  return { code, report: JSON.parse(stdout) as Report }; // One line of JSON, or the test fails here.
};

/** A probe that goes on. */
const goOn = (...args: string[]): ChildProcessWithoutNullStreams => {
  child = spawn(process.execPath, [MAIN, 'probe', ...args, '--every', '1s']);
  return child;
};

describe('a relay that works', () => {
  test('passes every check in five dials that the default limits allow, and is left as it was', async () => {
    relay = await RelayProcess.start(['--rate-burst', '5']);
    const { code, stdout, stderr } = await runMain(['probe', relay.url]);
    expect([code, stderr]).toEqual([0, '']);
    for (const { name } of CHECKS) expect(stdout).toContain(`ok   ${name}: `);
    expect(stdout).toContain(
      `${relay.url}: ${CHECKS.length} of ${CHECKS.length} checks passed; 5 connections`,
    );
    expect(stdout).toMatch(/ 200000 bytes +from the binary +p50 [\d.]+ ms +p99 [\d.]+ ms +of 1\n/);
    expect(await relay.health()).toMatchObject({ connected_binaries: 0, connected_phones: 0 });
  });

  test('as JSON, with what was measured', async () => {
    relay = await RelayProcess.start(['--max-frame-bytes', '64KiB']);
    const { code, report } = await probed(relay.url, '--max-frame-bytes', '64KiB');
    expect([code, report.success, report.dials]).toEqual([0, true, 5]);
    expect(report.checks.map(({ check, result }) => [check, result])).toEqual(
      CHECKS.map(({ name }) => [name, 'passed']),
    );
    expect(report.roundTrips.map(({ from, bytes }) => `${from} ${bytes}`)).toEqual([
      'phone 64',
      'binary 64',
      'phone 4096',
      'binary 4096',
    ]);
    for (const { p99Ms } of report.roundTrips) expect(p99Ms).toBeGreaterThan(0);
  });

  test('over TLS, trusting what --ca names', async () => {
    const { certFile, keyFile } = makeCertificate();
    const tls = ['--https-listen', '127.0.0.1:0', '--tls-cert', certFile, '--tls-key', keyFile];
    relay = await RelayProcess.start(tls);
    expect((await probed(relay.url, '--ca', certFile)).code).toBe(0);
    const { code, stdout } = await runMain(['probe', relay.url]);
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining('--ca FILE trusts a certificate of your own'),
    ]);
  });

  test('with a token, from a file or the environment, that is never shown', async () => {
    const token = 'a-token-of-the-probe';
    const [tokens, tokenFile] = [join(folder, 'tokens'), join(folder, 'token')];
    writeFileSync(tokens, `${createHash('sha256').update(token).digest('hex')} probe\n`);
    writeFileSync(tokenFile, `${token}\n`);
    relay = await RelayProcess.start(['--binary-tokens', tokens]);
    const tied = ['probe', relay.url, '--server-id', 'probe'];
    for (const [args, env] of [
      [['--token-file', tokenFile], {}],
      [[], { PYRYCODE_RELAY_PROBE_TOKEN: token }],
    ] as const) {
      const { code, stdout, stderr } = await runMain([...tied, ...args], env);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).not.toContain(token);
    }
    const { code, stdout } = await runMain(tied);
    expect([code, stdout]).toEqual([1, expect.stringContaining('FAIL claim: expected 101, got HTTP 401')]);
  });
});

const FAULTS: readonly (readonly [Fault, string, RegExp])[] = [
  [
    'wrong code for an unknown server-id',
    'unknown_server_id',
    /^expected close 4404 at the phone, got 4403$/,
  ],
  ['no pongs', 'claim', /^expected a pong at the binary, got none in time$/],
  ['one conn id for all', 'phones', /^two phones have the same conn id$/],
  ['numbers rewritten', 'byte_exact', /^expected .*"z":-0.* at the phone, got .*"z":0/],
  ['whitespace removed', 'byte_exact', /at the phone, got/],
  ['swapped to phones', 'order', /"n":0\} at the phone, got .*"n":1\}$/],
  ['swapped to the binary', 'order', /"n":0\} at the binary, got .*"n":1\}$/],
  ['long frames are lost', 'round_trips', /^expected a frame at the binary, got nothing in time$/],
  ['second claim is taken', 'conflict', /^expected close 4409 at the binary, got none in time$/],
  [
    'first binary is closed',
    'conflict',
    /^expected a frame after the conflict at the binary, got a close with 1011$/,
  ],
  [
    'directive before the frame',
    'directive',
    /^expected the frame of a directive at the phone, got a close with 4410$/,
  ],
  ['directive with another code', 'directive', /^expected close 4410 at the phone, got 4000$/],
  ['no notice', 'close_notice', /^expected a close notice 4000 at the binary, got nothing in time$/],
  [
    'notice before the last frame',
    'conflict',
    /^expected an envelope with a frame at the binary, got .*"close_code":4000/,
  ],
  ['a huge message', 'claim', /^expected a pong at the binary, got a close with 100[69]$/],
  ['a frame for everybody', 'nothing_else', /^expected nothing more at the phone, got .*last/],
  ['whitespace removed to the binary', 'byte_exact', /at the binary, got/],
];

describe('a relay with a fault', () => {
  test('the relay that carries the faults has none by itself', async () => {
    faulty = await FaultyRelay.start('none');
    const { code, report } = await probed(faulty.url);
    expect([code, report.checks.filter(({ result }) => result !== 'passed')]).toEqual([0, []]);
    expect(faulty.open).toBe(0);
  });

  test.each(FAULTS)('%s: exit 1, and %s fails', async (fault, check, problem) => {
    faulty = await FaultyRelay.start(fault);
    const { code, report } = await probed(faulty.url, '--timeout', '2s');
    const failed = report.checks.filter(({ result }) => result === 'failed');
    expect([code, report.success, failed.map((each) => each.check)]).toEqual([1, false, [check]]);
    expect(failed[0]?.problem).toMatch(problem);
    expect(faulty.dials).toBeLessThanOrEqual(8);
  });

  test('a flood of messages: exit 1, and the connection is cut, during the claim or just behind it', async () => {
    faulty = await FaultyRelay.start('a flood of messages');
    const { code, report } = await probed(faulty.url, '--timeout', '2s');
    const failed = report.checks.find(({ result }) => result === 'failed');
    expect([code, report.success]).toEqual([1, false]);
    expect(['claim', 'phones']).toContain(failed?.check);
    expect(failed?.problem).toMatch(/1006/);
  });

  test('the whitespace that the Go relay removes is allowed by its profile', async () => {
    faulty = await FaultyRelay.start('whitespace removed to the binary');
    expect((await probed(faulty.url, '--profile', 'go')).code).toBe(0);
  });

  test.each([
    ['nothing at all', ''],
    ['a byte now and then', 'x'],
  ])('who answers the handshake with %s is left in time', async (_, bytes) => {
    server = createServer((socket) => {
      socket.on('error', () => {});
      if (bytes !== '') socket.write('HTTP/1.1 101 Switching Protocols\r\nX-Slow: ');
      const timer = setInterval(() => socket.write(bytes), 50);
      socket.on('close', () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // It listens on TCP.
    const { code, stdout } = await runMain(['probe', `ws://127.0.0.1:${port}`, '--timeout', '1s']);
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(
        /^FAIL unknown_server_id: no answer to the handshake in \d+ ms\nnot run: claim, .*release\n/,
      ),
    ]);
  });

  test('nobody listens: exit 1', async () => {
    const { code, stdout } = await runMain(['probe', 'ws://127.0.0.1:1']);
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining('FAIL unknown_server_id: connect ECONNREFUSED'),
    ]);
  });
});

describe('for Prometheus', () => {
  /** Values by name and labels. */
  const cells = (text: string): Map<string, number> =>
    new Map(
      text
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
    );

  test('each check is a series, whether it passed, failed or was not run', async () => {
    faulty = await FaultyRelay.start('swapped to phones');
    const { code, stdout } = await runMain(['probe', faulty.url, '--prometheus']);
    const found = cells(stdout);
    const at = (check: string, name = 'check_success') =>
      found.get(`pyrycode_relay_probe_${name}{target="${faulty?.url}",check="${check}"}`);
    expect([code, found.get(`pyrycode_relay_probe_success{target="${faulty.url}"}`)]).toEqual([1, 0]);
    expect([at('claim'), at('order'), at('release')]).toEqual([1, 0, 0]);
    expect([at('claim', 'check_failed'), at('order', 'check_failed'), at('release', 'check_failed')]).toEqual(
      [0, 1, 0],
    );
    for (const line of stdout.trimEnd().split('\n'))
      expect(line).toMatch(
        /^# (HELP|TYPE) pyrycode_relay_probe_|^pyrycode_relay_probe_[a-z_]+\{.*\} [\d.e-]+$/,
      );
    if (prometheusMissing === '') expect(promtool(['check', 'metrics'], stdout)).toBe('exit 0: ');
  });

  test('--every writes the file anew each round, in one step, and a line for each, until it is ended', async () => {
    relay = await RelayProcess.start();
    const out = join(folder, 'probe.prom');
    const running = goOn(relay.url, '--out', out);
    const lines: string[] = [];
    await new Promise<void>((resolve) => {
      createInterface({ input: running.stdout }).on('line', (line) => {
        lines.push(line);
        if (lines.length === 3) resolve();
      });
    });
    const ended = new Promise((resolve) => running.on('close', (_code, signal) => resolve(signal)));
    running.kill('SIGTERM');
    expect(await ended).toBe('SIGTERM');
    for (const line of lines) expect(line).toMatch(/^\S+Z [\d.]+ ms, p50 [\d.]+ ms, p99 [\d.]+ ms ok$/);
    const text = readFileSync(out, 'utf8');
    expect(cells(text).get(`pyrycode_relay_probe_success{target="${relay.url}"}`)).toBe(1);
    expect(text).toContain('round_trip_seconds{');
    // node_exporter runs as another user, and reads all files that end in .prom.
    expect(statSync(out).mode & 0o777).toBe(0o644);
    expect(readdirSync(folder).filter((name) => name.endsWith('.prom'))).toEqual(['probe.prom']);
  });

  test('--every goes on when the relay is gone, and says so', async () => {
    faulty = await FaultyRelay.start('none');
    const running = goOn(faulty.url);
    const lines: string[] = [];
    await new Promise<void>((resolve) => {
      createInterface({ input: running.stdout }).on('line', (line) => {
        lines.push(line);
        faulty?.stop();
        if (lines.length === 2) resolve();
      });
    });
    running.kill();
    expect(lines[0]).toMatch(/ ok$/);
    expect(lines[1]).toMatch(/ FAIL unknown_server_id: connect ECONNREFUSED/);
  });
});

test('--every ends when nobody reads what it writes', async () => {
  faulty = await FaultyRelay.start('none');
  const running = goOn(faulty.url);
  const ended = new Promise((resolve) => running.on('close', resolve));
  createInterface({ input: running.stdout }).once('line', () => running.stdout.destroy());
  expect(await ended).toBe(0);
});

describe('what it cannot use exits 2', () => {
  test.each([
    [[], 'probe takes one address'],
    [['http://x'], 'probe takes a ws:// or wss:// address'],
    [['ws://x', 'ws://y'], 'probe takes one address'],
    [['ws://x', '--token', 'x'], 'unknown flag "--token"'],
    [['ws://x', '--ca', 'x'], '--ca is for wss:// addresses'],
    [['ws://x', '--token-file', '/nowhere/token'], '/nowhere/token'],
    [['ws://x', '--every', '500ms'], '--every takes a duration from 1s'],
    [['ws://x', '--timeout', 'soon'], '--timeout takes a duration'],
    [['ws://x', '--profile', 'rust'], '--profile takes strict or go'],
    [['ws://x', '--server-id', 'a b'], '--server-id takes 1 to 128 visible ASCII characters'],
    [['ws://x', '--max-frame-bytes', '1TiB'], '--max-frame-bytes takes a size'],
    [['ws://x', '--json', '--prometheus'], '--json and --prometheus exclude each other'],
    [['ws://x', '--every', '60s', '--prometheus'], '--prometheus with --every needs --out'],
    [['ws://x', '--out', '/nowhere/file'], '--out /nowhere/file cannot be written: ENOENT'],
  ] as const)('%j', async (args, text) => {
    const { code, stdout, stderr } = await runMain(['probe', ...args]);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(text)]);
  });

  test('a token that no header can carry, which is not shown', async () => {
    const { code, stderr } = await runMain(['probe', 'ws://x'], { PYRYCODE_RELAY_PROBE_TOKEN: 'a secret' });
    expect(code).toBe(2);
    expect(stderr).toContain('PYRYCODE_RELAY_PROBE_TOKEN: takes one token');
    expect(stderr).not.toContain('secret');
  });
});
