/** Only binaries with a token may claim: the file, the answers, a reload, and the command that makes tokens. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hashToken } from '../../src/admission/binary-tokens.ts';
import { binaryHeaders, type Peer, Peers } from '../support/peer.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';
import { RelayProcess, runMain } from '../support/relay-process.ts';

const SECRET = 'a-secret-token';
let folder: string;
let file: string;
let relay: TestRelay | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokens-'));
  file = join(folder, 'tokens');
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  await relay?.dispose();
  relay = undefined;
});

const start = async (text: string): Promise<TestRelay> => {
  writeFileSync(file, text);
  relay = await TestRelay.start({ binaryTokens: file, inspectListen: { host: '127.0.0.1', port: 0 } });
  return relay;
};

const claim = (to: TestRelay, serverId: string, token?: string): Peer =>
  to.peers.dial('/v1/server', {
    ...binaryHeaders(serverId),
    ...(token !== undefined && { 'X-Pyrycode-Relay-Token': token }),
  });

describe('with a file of tokens', () => {
  test('only a binary with one of them may claim, and only its server-id; phones need none', async () => {
    const to = await start(`\u{feff}# ours\r\n${hashToken(SECRET)} home\r\n${hashToken('any')}\r\n`);
    expect(await claim(to, 'home').status).toBe(401);
    expect(await claim(to, 'home', 'wrong').status).toBe(401);
    expect(await claim(to, 'other', SECRET).status).toBe(401);
    expect(await claim(to, 'home', SECRET).status).toBe(101);
    expect(await claim(to, 'other', 'any').status).toBe(101);
    await to.peers.phone('home');
    expect(await to.metric('admission_refusals_total{limit="token"}')).toBe(3);
    expect((await to.logged('admission_refused')).fields).toEqual({
      limit: 'token',
      remote: '127.0.0.1',
      source: 'socket',
      path: '/v1/server',
    });
  });

  test('the answer names the scheme, and two tokens are none', async () => {
    const to = await start(hashToken(SECRET));
    const socket = new RawSocket(to.port);
    const token = ['X-Pyrycode-Relay-Token', SECRET] as const;
    socket.request('GET', '/v1/server', [...RawSocket.handshakeHeaders(binaryHeaders('home')), token, token]);
    const { status, head } = await socket.answer();
    expect(status).toBe(401);
    expect(head).toMatch(/^www-authenticate: X-Pyrycode-Relay-Token$/im);
  });

  test('neither token nor hash is in a log, a metric or what the inspector says', async () => {
    const to = await start(`${hashToken(SECRET)} home`);
    const binary = await claim(to, 'home', SECRET).open();
    await claim(to, 'home', `${SECRET}-2`).status;
    const { phone } = await to.peers.knownPhone('home', binary);
    const pages = [to.metricsUrl, ...['recording?server=home', ''].map((path) => `${to.inspectUrl}${path}`)];
    const texts = await Promise.all(pages.map(async (url) => await (await fetch(url)).text()));
    const said = JSON.stringify([to.lines, texts]);
    expect(said).toContain('home');
    expect(said).not.toContain(SECRET);
    expect(said).not.toContain(hashToken(SECRET));
    await phone.close();
  });
});

test.each([
  ['no file', undefined, /^pyrycode-relay: --binary-tokens: .*missing: no such file \(ENOENT\)\n$/],
  [
    'a broken line',
    `# ok\n${SECRET}\n`,
    /^pyrycode-relay: .*missing:2: the line does not start with the SHA-256 of a token in 64 hex digits\n$/,
  ],
])('the daemon exits 2 with %s, and does not say what is in it', async (_, text, stderr) => {
  const missing = join(folder, 'missing');
  if (text !== undefined) writeFileSync(missing, text);
  const ended = await runMain([
    '--insecure-listen',
    '127.0.0.1:0',
    '--metrics-listen=',
    '--binary-tokens',
    missing,
  ]);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(stderr);
  expect(ended.stderr + ended.stdout).not.toContain(SECRET);
});

test('a binary and a claimant in line whose token is revoked are logged with their address, and counted', async () => {
  const to = await start(`${hashToken(SECRET)}\n${hashToken('any')}`);
  const holder = await claim(to, 'home', 'any').open();
  // It does not answer, so the claimant stays in line.
  holder.ws.pause();
  const claimant = await claim(to, 'home', SECRET).open();
  writeFileSync(file, hashToken('new'));
  expect((await to.reload({})).changed).toContain('2 binaries closed');
  holder.ws.resume();
  const REVOKED = { code: 1008, reason: 'token revoked' };
  expect([await holder.closed, await claimant.closed]).toEqual([REVOKED, REVOKED]);
  const from = { remote: '127.0.0.1', source: 'socket', server_id: 'home' };
  expect(to.events('binary_token_revoked').map(({ fields }) => fields)).toEqual([
    { ...from, conn_id: expect.any(String) },
    { ...from, conn_id: expect.any(String) },
  ]);
  expect(await to.metric('connections_left_total{role="binary",cause="token_revoked"}')).toBe(2);
});

test('a reload in the middle of a write, when the file is empty, closes nobody; a comment alone closes all', async () => {
  const to = await start(hashToken('any'));
  const binary = await claim(to, 'home', 'any').open();
  writeFileSync(file, '');
  await expect(to.reload({})).rejects.toThrow(`--binary-tokens: ${file}: empty`);
  await binary.roundTrip();
  writeFileSync(file, '# none\n');
  await to.reload({});
  expect(await binary.closed).toEqual({ code: 1008, reason: 'token revoked' });
});

test('SIGHUP reads the file again: a broken one keeps the old, and who has no longer a token is closed', async () => {
  writeFileSync(file, `${hashToken(SECRET)}\n${hashToken('any')}\n`);
  const daemon = await RelayProcess.start(['--binary-tokens', file]);
  const peers = new Peers(() => daemon.url);
  const dial = (serverId: string, token: string): Peer =>
    peers.dial('/v1/server', { ...binaryHeaders(serverId), 'X-Pyrycode-Relay-Token': token });
  try {
    const stays = await dial('a', SECRET).open();
    const goes = await dial('b', 'any').open();
    writeFileSync(file, `${hashToken('new')}\n${SECRET}\n`);
    daemon.child.kill('SIGHUP');
    const kept = await daemon.logged('reload refused');
    expect(kept['err']).toContain(`${file}:2`);
    expect(await dial('c', 'new').status).toBe(401);
    writeFileSync(file, `${hashToken(SECRET)}\n`);
    daemon.child.kill('SIGHUP');
    expect(await goes.closed).toEqual({ code: 1008, reason: 'token revoked' });
    await stays.roundTrip();
    expect(daemon.count('binary_token_revoked')).toBe(1);
    expect(daemon.output).not.toContain(SECRET);
  } finally {
    peers.dispose();
    daemon.kill();
  }
});

describe('pyrycode-relay token', () => {
  test('makes a token with which a binary is let in', async () => {
    const { code, stdout } = await runMain(['token', '--server-id', 'home']);
    expect(code).toBe(0);
    const [token = '', line] = stdout.split('\n').filter((text) => !text.startsWith('#'));
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(line).toBe(`${hashToken(token)} home`);
    const to = await start(
      stdout
        .split('\n')
        .filter((text) => text !== token)
        .join('\n'),
    );
    expect(await claim(to, 'home', token).status).toBe(101);
    expect(await claim(to, 'other', token).status).toBe(401);
  });

  test('makes another each time', async () => {
    const [one, two] = await Promise.all([runMain(['token']), runMain(['token'])]);
    expect(one.stdout).not.toBe(two.stdout);
  });

  test.each([
    [['--server-id', '#x'], 2],
    [['--server-id', ' x'], 2],
    [['--server-id', 'x\ny'], 2],
    [['home'], 2],
    [['--help'], 0],
  ])('with %j exits %s', async (args, code) => {
    const ended = await runMain(['token', ...args]);
    expect(ended.code).toBe(code);
    expect((code === 0 ? ended.stdout : ended.stderr).length).toBeGreaterThan(20);
  });
});
