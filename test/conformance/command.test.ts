/** The commands as they ship: `pyrycode-relay conformance` and `pyrycode-relay paths`. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { coverPaths } from '../../src/conformance/covers.ts';
import { modelGraph, modelPaths } from '../../src/conformance/model.ts';
import { MAIN, RelayProcess, runMain } from '../support/relay-process.ts';
import { UNSEEN } from '../support/unseen.ts';

let relay: RelayProcess | undefined;
let files: string;
beforeAll(() => {
  files = mkdtempSync(join(tmpdir(), 'conformance-'));
});
afterAll(() => rmSync(files, { recursive: true }));
afterEach(() => {
  relay?.kill();
  relay = undefined;
});

const FLAGS = { '--max-phones': '1', '--grace': '1500ms', '--probe-timeout': '1500ms' };
const flagsWith = (changes: Readonly<Record<string, string>>): string[] =>
  Object.entries({ ...FLAGS, ...changes }).flat();
const start = async (changes: Readonly<Record<string, string>> = {}): Promise<string> => {
  relay = await RelayProcess.start(flagsWith(changes));
  return relay.url;
};
const conformance = async (url: string, changes: Readonly<Record<string, string>> = {}) =>
  await runMain(['conformance', url, ...flagsWith({ '--parallel': '24', ...changes })], {}, 120_000);

describe('conformance', () => {
  test('our own relay passes with exit 0, and paths that need a signal are reported as skipped', async () => {
    const json = join(files, 'passed.json');
    const junit = join(files, 'passed.xml');
    writeFileSync(json, 'what was there', { mode: 0o666 });
    const { code, stdout, stderr } = await conformance(await start(), { '--json': json, '--junit': junit });
    const [skipped, grace, probe, total, ...rest] = stdout.split('\n');
    expect(skipped).toMatch(/^SKIP \d+ paths: needs a signal to the target$/);
    expect(grace).toMatch(/^PASS timer grace 1500ms → fired after \d\.\d\ds, expected 1\.35s to 2\.88s$/);
    expect(probe).toMatch(/^PASS timer probe-timeout 1500ms → /);
    expect(total).toMatch(/^\d+ passed, 0 failed, \d+ skipped$/);
    expect(rest).toEqual(['']);
    expect(code).toBe(0);
    expect(stderr.replaceAll(/^\d+\/\d+ paths, 0 failed(, then timers)?\n/gm, '')).toBe('');
    const { summary, paths, checks } = JSON.parse(readFileSync(json, 'utf8')) as {
      summary: { passed: number; failed: number; skipped: number };
      paths: { id: string; events: string[]; result: string }[];
      checks: { group: string; id: string; result: string }[];
    };
    expect(checks.map(({ group, id, result }) => `${group} ${id} ${result}`)).toEqual([
      'timer grace passed',
      'timer probe-timeout passed',
    ]);
    const count = paths.length + checks.length;
    expect(summary.passed + summary.skipped).toBe(count);
    const xml = readFileSync(junit, 'utf8');
    for (const file of [json, junit]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(xml.match(/<testcase /g)).toHaveLength(count);
    expect(xml).toContain(`tests="${count}" failures="0" skipped="${summary.skipped}"`);
  });

  test('a relay with another cap fails, exit 1, with the shortest path that shows it and an id that reruns it', async () => {
    const url = await start({ '--max-phones': '2' });
    const { code, stdout } = await conformance(url);
    expect(code).toBe(1);
    const [, id = ''] =
      /^FAIL claim, register x2 → expected 4429 "too many phones for server-id", got open.*--only (\w+)$/m.exec(
        stdout,
      ) ?? [];
    expect(id).toMatch(/^\w{7}$/);
    const again = await conformance(url, { '--only': id });
    expect(again.code).toBe(1);
    expect(again.stdout).toContain('0 passed, 1 failed, 0 skipped');
  });

  test('a relay that limits dials is waited for, and the output says once what to do', async () => {
    const url = await start({ '--rate-burst': '1', '--rate-every': '100ms' });
    const path = modelPaths({ maxPhones: 1, cover: 'edge' }).find(({ steps }) => steps.length === 3);
    const { code, stderr, stdout } = await conformance(url, { '--only': path?.id ?? '' });
    expect([code, stdout]).toEqual([0, '1 passed, 0 failed, 0 skipped\n']);
    expect(stderr.match(/HTTP 429\): start it with --rate-burst 0/g)).toHaveLength(1);
  });

  test('paths that would wait longer than the patience are skipped', async () => {
    const { code, stdout } = await conformance(await start(), { '--grace': '10s', '--patience': '5s' });
    expect(code).toBe(0);
    expect(stdout).toContain('would wait 10 s, longer than the patience');
  });

  test('a relay with a shorter timer than was declared fails by it, and --only runs it again', async () => {
    const url = await start({ '--grace': '500ms' });
    const { code, stdout } = await conformance(url, { '--only': 'grace' });
    expect(stdout).toMatch(
      /^FAIL timer grace 1500ms → fired after \d+ms, expected 1\.35s to 2\.88s {3}--only grace\n0 passed, 1 failed, 0 skipped\n$/,
    );
    expect(code).toBe(1);
  });

  test('a link too slow for the timers of the target proves nothing: exit 3', async () => {
    const { port: relayPort } = new URL((await start()).replace('ws:', 'http:'));
    const slow = createTcpServer((outer) => {
      const inner = connect(Number(relayPort), '127.0.0.1');
      const pass = (from: Socket, to: Socket): void => {
        from.on('data', (chunk) => setTimeout(() => to.write(chunk), 400));
        from.on('close', () => setTimeout(() => to.destroy(), 400)).on('error', () => {});
      };
      pass(outer, inner);
      pass(inner, outer);
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const { port } = slow.address() as AddressInfo; // It listens on TCP.
    const list = await runMain(['paths', '--max-phones', '1']);
    const [, id = ''] = /^(\w{7}) +claim, holder leaves, register$/m.exec(list.stdout) ?? [];
    const json = join(files, 'slow.json');
    const changes = { '--only': id, '--grace': '800ms', '--json': json };
    const { code, stdout } = await conformance(`ws://127.0.0.1:${port}`, changes);
    slow.close();
    expect(stdout).toMatch(
      /^INCONCLUSIVE 1 path: .* --only \w{7}\n0 passed, 0 failed, 0 skipped, 1 inconclusive\n$/,
    );
    expect(code).toBe(3);
    expect(readFileSync(json, 'utf8')).toContain('"result": "inconclusive"');
  });

  test('a busy target is dialled again', async () => {
    let asked = 0;
    const busy = createServer();
    busy.on('upgrade', (_request, socket) => {
      asked++;
      socket.end(
        `HTTP/1.1 ${asked === 1 ? 429 : 503} Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
    });
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const { port } = busy.address() as AddressInfo; // It listens on TCP.
    const { code, stderr } = await runMain(['conformance', `ws://127.0.0.1:${port}`, '--patience', '2s']);
    busy.close();
    expect(code).toBe(2);
    expect(stderr).toContain('expected 101, got HTTP 503');
    expect(asked).toBeGreaterThan(2);
  });

  test('a WebSocket server that is not a relay is detected: exit 2', async () => {
    const server = createServer();
    const echo = new WebSocketServer({ server });
    echo.on('connection', (ws) => ws.on('message', (data) => ws.send(data)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // It listens on TCP.
    const { code, stderr } = await runMain(['conformance', `ws://127.0.0.1:${port}`]);
    server.close();
    echo.close();
    expect(code).toBe(2);
    expect(stderr).toContain('a phone of an unknown server-id expected 4404, got open');
  });

  test('what a target says in its close reasons is escaped', async () => {
    const server = createServer();
    const target = new WebSocketServer({ server });
    target.on('connection', (ws) => ws.close(4404, '\u202e\u009b2Jgone'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // It listens on TCP.
    const json = join(files, 'hostile.json');
    const { code, stdout } = await conformance(`ws://127.0.0.1:${port}`, { '--json': json });
    server.close();
    target.close();
    expect(code).toBe(1);
    expect(stdout).toContain('"\\u202e\\u009b2Jgone"');
    for (const text of [stdout, readFileSync(json, 'utf8')]) expect(text).not.toMatch(UNSEEN);
  });

  test.each(['binary', 'phone'] as const)('what a target sends to a %s is escaped', async (liedTo) => {
    const server = createServer();
    const target = new WebSocketServer({ server });
    const lie = '"\u202e\u009b2J\u2028\ufeff\\"';
    let binary: WebSocket | undefined;
    let phone: WebSocket | undefined;
    target.on('connection', (ws, { url }) => {
      if (url === '/v1/server') {
        binary = ws;
        ws.on('message', () => phone?.send(lie));
        ws.on('close', () => (binary = undefined));
      } else if (binary === undefined) ws.close(4404, 'no server with that id');
      else {
        phone = ws;
        const envelope = (data: string): string => `{"conn_id":"p","frame":${data}}`;
        ws.on('message', (data: Buffer) => binary?.send(liedTo === 'binary' ? lie : envelope(String(data))));
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // It listens on TCP.
    const [json, junit] = [join(files, 'lies.json'), join(files, 'lies.xml')];
    const changes = { '--json': json, '--junit': junit, '--parallel': '1' };
    const list = await runMain(['paths', '--max-phones', FLAGS['--max-phones']]);
    const [, id = ''] = /^(\w{7}) +claim, register$/m.exec(list.stdout) ?? [];
    const { code, stdout } = await conformance(`ws://127.0.0.1:${port}`, { ...changes, '--only': id });
    server.close();
    target.close();
    expect(code).toBe(1);
    expect(stdout).toContain('got "\\u202e\\u009b2J\\u2028\\ufeff\\\\"');
    for (const text of [stdout, readFileSync(json, 'utf8'), readFileSync(junit, 'utf8')])
      expect(text).not.toMatch(UNSEEN);
    expect(readFileSync(junit, 'utf8')).toContain('got &quot;\\u202e');
  });

  describe('behind TLS with a certificate of one’s own', () => {
    const key = (): string => join(files, 'key.pem');
    const cert = (): string => join(files, 'cert.pem');
    const startTls = async (): Promise<string> => {
      const { port: relayPort } = new URL((await start()).replace('ws:', 'http:'));
      const names = ['-subj', '/CN=relay', '-addext', 'subjectAltName=IP:127.0.0.1'];
      const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
      const made = ['-nodes', '-keyout', key(), '-out', cert()];
      execFileSync('openssl', ['req', '-x509', ...curve, ...made, ...names], { stdio: 'pipe' });
      const proxy = createTlsServer({ key: readFileSync(key()), cert: readFileSync(cert()) }, (outer) => {
        const inner = connect(Number(relayPort), '127.0.0.1');
        outer.on('error', () => inner.destroy()).pipe(inner);
        inner.on('error', () => outer.destroy()).pipe(outer);
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      relay?.child.once('exit', () => proxy.close());
      const { port } = proxy.address() as AddressInfo; // It listens on TCP.
      return `wss://127.0.0.1:${port}`;
    };

    test('--ca FILE trusts it, also as an editor of Windows saves it', async () => {
      const url = await startTls();
      const refused = await conformance(url);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toMatch(/certificate; --ca FILE trusts a certificate of your own\n$/);
      const text = readFileSync(cert(), 'utf8');
      writeFileSync(cert(), `\u{feff}${text.replaceAll('\n', '\r\n')}\r\n\r\n`);
      const { stdout: listed } = await runMain(['paths', '--max-phones', '1']);
      const [, id = ''] = /^(\w{7}) {2}claim, register$/m.exec(listed) ?? /^(\w{7}) /m.exec(listed) ?? [];
      const { code, stdout, stderr } = await conformance(url, { '--ca': cert(), '--only': id });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('1 passed');
    });
  });

  test('results that cannot be written are known before anything is run', async () => {
    const { code, stderr } = await conformance(await start(), { '--json': '/nonexistent/x.json' });
    expect(code).toBe(2);
    expect(stderr).toBe('pyrycode-relay: --json /nonexistent/x.json cannot be written: ENOENT\n');
  });

  test.each([
    [['nonsense'], 'takes a ws:// or wss:// address'],
    [[], 'takes one address'],
    [['ws://127.0.0.1:1', '--patience', '1s'], 'does not answer as a relay'],
    [['ws://127.0.0.1:1', '--cover', 'all'], '--cover takes edge or pairs'],
    [['ws://127.0.0.1:1', '--frobnicate'], 'unknown flag "--frobnicate"; see --help'],
    [['ws://127.0.0.1:1', '--parallel', '0'], '--parallel takes a whole number from 1'],
    [['ws://127.0.0.1:1', '--only', 'zzz'], 'there is no path, timer or difference of this id'],
    [['ws://127.0.0.1:1', '--write-timeout', '1s'], '--write-timeout is for --timers'],
    [['ws://127.0.0.1:1', '--only', 'a', '--only', 'b'], '--only is given twice'],
    [['ws://127.0.0.1:1', '--ca', 'x'], '--ca is for wss:// addresses'],
    [['wss://127.0.0.1:1', '--ca', '/nonexistent/ca.pem'], '/nonexistent/ca.pem: no such file (ENOENT)'],
    [['wss://127.0.0.1:1', '--ca', MAIN], 'takes certificates in PEM'],
  ])('%j: exit 2 and one line', async (args, says) => {
    const { code, stderr, stdout } = await runMain(['conformance', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('paths', () => {
  test('text: one line a path, its id and its events', async () => {
    const { code, stdout } = await runMain(['paths', '--max-phones', '1']);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(coverPaths(modelGraph(1), 'edge').length);
    for (const line of lines) expect(line).toMatch(/^\w{7} {2}[a-zA-Z, \d]+$/);
  });

  test('json: each step with the situation before and after it, in sequence', async () => {
    const { stdout } = await runMain(['paths', '--max-phones', '1', '--cover', 'pairs', '--format', 'json']);
    const paths = JSON.parse(stdout) as {
      id: string;
      steps: { from: unknown; event: string; to: unknown }[];
    }[];
    expect(paths.length).toBeGreaterThan(400);
    for (const { steps } of paths) {
      for (const [i, step] of steps.entries()) if (i > 0) expect(step.from).toEqual(steps[i - 1]?.to);
    }
  });

  test('junit and tap: each path, before it has run', async () => {
    const args = ['paths', '--max-phones', '1', '--format'];
    const [text, junit, tap] = await Promise.all(
      ['text', 'junit', 'tap'].map(async (format) => (await runMain([...args, format])).stdout),
    );
    const ids =
      text
        ?.trimEnd()
        .split('\n')
        .map((line) => line.slice(0, 7)) ?? [];
    const cases = junit?.matchAll(
      /<testcase classname="paths" name="(\w{7}): [^"]+"><skipped message="not run"\/>/g,
    );
    expect([...(cases ?? [])].map(([, id]) => id)).toEqual(ids);
    expect(junit).toContain(`tests="${ids.length}" failures="0" skipped="${ids.length}"`);
    const [version, plan, ...lines] = tap?.trimEnd().split('\n') ?? [];
    expect([version, plan]).toEqual(['TAP version 14', `1..${ids.length}`]);
    expect(lines.map((line, i) => line.startsWith(`ok ${i + 1} - ${ids[i]} `))).not.toContain(false);
    for (const line of lines) expect(line).toMatch(/ # SKIP not run$/);
  });

  test('mermaid: every situation is a state', async () => {
    const { stdout } = await runMain(['paths', '--max-phones', '1', '--format', 'mermaid']);
    expect(stdout).toMatch(/^stateDiagram-v2\n/);
    expect(stdout).toContain('state "probing, 1 phone, 2 in line" as s');
    for (const line of stdout.trimEnd().split('\n').slice(2)) {
      expect(line).toMatch(/^ {2}(state "[^"]+" as s\d+|s\d+ --> s\d+ : [a-zA-Z /]+)$/);
    }
  });

  test('mermaid: situations that differ only in the number of phones are one state', async () => {
    const { stdout } = await runMain(['paths', '--format', 'mermaid']);
    const states = [...stdout.matchAll(/ state "([^"]+)" as (s\d+)/g)].map(([, label, id]) => [label, id]);
    const small = await runMain(['paths', '--max-phones', '2', '--format', 'mermaid']);
    expect(states.length).toBe([...small.stdout.matchAll(/ state "/g)].length);
    // Events that lead to the same state share an arrow.
    const arrows = [...stdout.matchAll(/s\d+ --> s\d+/g)].map(([arrow]) => arrow);
    expect(arrows.filter((arrow, n) => arrows.indexOf(arrow) !== n)).toEqual([]);
    const ids = new Map(states.map(([label, id]) => [label, id]));
    const labels = [...ids.keys()].filter((label) => label?.startsWith('live'));
    expect(labels).toEqual(['live, 0 phones', 'live, 1 to 15 phones', 'live, 16 phones']);
    const [none, some, all] = labels.map((label) => ids.get(label));
    // Within the run, up to the cap, and back to none: each says where in the run it happens.
    expect(stdout).toMatch(new RegExp(`${some} --> ${some} : register / phone leaves`));
    expect(stdout).toContain(`${some} --> ${all} : register at 15 phones\n`);
    expect(stdout).toMatch(new RegExp(`${some} --> ${none} : phone leaves .* at 1 phone\n`));
  });

  test('--help of both exits 0', async () => {
    expect((await runMain(['paths', '--help'])).stdout).toContain('Usage: pyrycode-relay paths');
    expect((await runMain(['conformance', '--help'])).stdout).toContain('Usage: pyrycode-relay conformance');
  });
});
