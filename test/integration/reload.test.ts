/** SIGHUP and the real process: what changes, what does not, and who notices. */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashToken } from '../../src/admission/binary-tokens.ts';
import { makeCertificate } from '../support/certificates.ts';
import { binaryHeaders, type Peer, Peers } from '../support/peer.ts';
import { RelayProcess } from '../support/relay-process.ts';

let folder = '';
let relay: RelayProcess | undefined;
const peers = new Peers(() => relay?.url ?? '');
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reload-'));
});
afterEach(() => {
  peers.dispose();
  relay?.kill();
  relay = undefined;
  rmSync(folder, { recursive: true });
});

const write = (text: string): string => {
  const path = join(folder, 'relay.toml');
  writeFileSync(path, text);
  return path;
};

const start = async (text: string): Promise<RelayProcess> => {
  relay = await RelayProcess.start(['--config', write(text)]);
  await relay.logged('listening');
  return relay;
};

test('changes the format of the log', async () => {
  const running = await start('');
  write('log-format = "logfmt"\n');
  running.child.kill('SIGHUP');
  const line = /^time=\S+Z level=INFO msg=reloaded changed="--log-format is logfmt" needs_restart=nothing$/m;
  await expect.poll(() => running.output).toMatch(line);
  write('');
  running.child.kill('SIGHUP');
  expect(await running.logged('reloaded')).toMatchObject({ changed: '--log-format is json' });
});

test('changes the log level, and connections go on', async () => {
  const running = await start('log-level = "info"\n');
  const serverId = peers.serverId();
  const binary = await peers.binary(serverId);
  const phone = await peers.knownPhone(serverId, binary);
  await running.logged('phone_registered');

  write('log-level = "warn"\n');
  running.child.kill('SIGHUP');
  expect(await running.logged('reloaded')).toMatchObject({
    level: 'info',
    changed: '--log-level is warn',
    needs_restart: 'nothing',
  });
  const unseen = peers.serverId();
  await peers.binary(unseen);

  write('log-level = "info"\n');
  running.child.kill('SIGHUP');
  expect(await running.logged('reloaded')).toMatchObject({ changed: '--log-level is info' });
  expect(running.output).not.toContain(unseen);
  await phone.phone.roundTrip();
  expect(await running.stop()).toBe(0);
});

test.each([
  ['broken TOML', 'log-level = \n', 'relay.toml:1: invalid TOML: '],
  ['an unknown key', 'log-level = "warn"\nloglevel = "warn"\n', 'relay.toml:2: unknown key "loglevel"'],
  [
    'settings that contradict each other',
    'log-level = "warn"\nmax-frame-bytes = "8MiB"\n',
    '--phone-backlog-bytes 4MiB cannot hold one frame of',
  ],
])('with %s is refused, and the old settings stay in force', async (_, text, says) => {
  const running = await start('log-level = "info"\n');
  write(text);
  running.child.kill('SIGHUP');
  const refused = await running.logged('reload refused');
  expect(refused).toMatchObject({ level: 'error' });
  expect(refused['err']).toContain(says);
  expect(await (await fetch(running.metricsUrl)).text()).toContain(
    'pyrycode_relay_reloads_total{outcome="refused"} 1\n',
  );
  await peers.binary(peers.serverId());
  await running.logged('server_claimed');
});

test('without the file is refused', async () => {
  const running = await start('');
  rmSync(join(folder, 'relay.toml'));
  running.child.kill('SIGHUP');
  expect((await running.logged('reload refused'))['err']).toContain('relay.toml: no such file (ENOENT)');
});

test('names what needs a restart, applies the rest, and keeps the flags above the file', async () => {
  const running = await start('grace = "1s"\n');
  write('grace = "2s"\nmax-phones = 3\nlog-level = "warn"\ninsecure-listen = ":1"\n');
  running.child.kill('SIGHUP');
  expect(await running.logged('reloaded')).toMatchObject({
    changed: '--log-level is warn',
    needs_restart: '--max-phones; --grace',
  });
});

test('twice at once is one after the other: the last file is in force', async () => {
  const running = await start('');
  for (const level of ['warn', 'error', 'info', 'warn', 'info']) {
    write(`log-level = "${level}"\n`);
    running.child.kill('SIGHUP');
  }
  const binary = await peers.binary(peers.serverId());
  await binary.roundTrip();
  // Whatever was served together, one reload has come after the last write.
  running.child.kill('SIGHUP');
  write('log-level = "info"\ngrace = "9s"\n');
  running.child.kill('SIGHUP');
  for (;;) {
    const { needs_restart } = await running.logged('reloaded');
    if (needs_restart === '--grace') break;
  }
  await peers.binary(peers.serverId());
  await running.logged('server_claimed');
  expect(running.count('reload refused')).toBe(0);
});

test('under load loses no frame and keeps their order, in both directions', async () => {
  const running = await start('');
  const serverId = peers.serverId();
  const binary = await peers.binary(serverId);
  const { phone, connId } = await peers.knownPhone(serverId, binary);
  const FRAMES = 2_000;
  for (let frame = 0; frame < FRAMES; frame++) {
    phone.send(`${frame}`);
    binary.send(JSON.stringify({ conn_id: connId, frame }));
    if (frame % 200 !== 0) continue;
    write(`log-level = "${frame % 400 === 0 ? 'warn' : 'info'}"\n`);
    running.child.kill('SIGHUP');
    // Sends what is queued here, so that frames are on their way during each reload.
    await new Promise(setImmediate);
  }
  for (let frame = 0; frame < FRAMES; frame++) {
    expect(await binary.nextEnvelope()).toEqual({ conn_id: connId, frame });
    expect(await phone.next()).toBe(`${frame}`);
  }
  write('log-level = "info"\ngrace = "9s"\n');
  running.child.kill('SIGHUP');
  while ((await running.logged('reloaded'))['needs_restart'] !== '--grace');
  expect(running.count('reload refused')).toBe(0);
});

test('under load swaps certificate, tokens and a cap, and loses no frame', async () => {
  const [first, second] = [makeCertificate(), makeCertificate()];
  const [certFile, keyFile, tokenFile] = ['cert.pem', 'key.pem', 'tokens'].map((name) => join(folder, name));
  if (certFile === undefined || keyFile === undefined || tokenFile === undefined)
    throw new Error('three names');
  const swap = (round: number): string => {
    const { cert, key } = round % 2 === 0 ? first : second;
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key);
    writeFileSync(tokenFile, `${hashToken('stays')}\n${hashToken(`round-${round}`)}\n`);
    const files = `tls-cert = "${certFile}"\ntls-key = "${keyFile}"\nbinary-tokens = "${tokenFile}"\n`;
    return write(`https-listen = "127.0.0.1:0"\n${files}max-connections = ${100 + round}\n`);
  };
  const running = await RelayProcess.start(['--config', swap(0), '--https-listen', '127.0.0.1:0']);
  relay = running;
  const options = { rejectUnauthorized: false };
  const claim = (serverId: string, token: string): Peer =>
    peers.dial('/v1/server', { ...binaryHeaders(serverId), 'X-Pyrycode-Relay-Token': token }, options);
  const serverId = peers.serverId();
  const binary = await claim(serverId, 'stays').open();
  const { phone, connId } = await peers.knownPhone(serverId, binary, options);

  const [ROUNDS, FRAMES] = [5, 400];
  let goes = await claim(peers.serverId(), 'round-0').open();
  for (let round = 1; round <= ROUNDS; round++) {
    swap(round);
    running.child.kill('SIGHUP');
    for (let n = 0; n < FRAMES; n++) {
      const frame = (round - 1) * FRAMES + n;
      phone.send(`${frame}`);
      binary.send(JSON.stringify({ conn_id: connId, frame }));
      // Sends what is queued here, so that frames are on their way during the reload.
      if (n % 20 === 0) await new Promise(setImmediate);
    }
    const { changed } = await running.logged('reloaded');
    expect(changed).toContain('--max-connections');
    expect(changed).toContain('--binary-tokens: 2 tokens; 1 binary closed');
    expect(await goes.closed).toEqual({ code: 1008, reason: 'token revoked' });
    expect(await claim(peers.serverId(), `round-${round - 1}`).status).toBe(401);
    goes = await claim(peers.serverId(), `round-${round}`).open();
    const { port } = new URL(running.url);
    const dialled = connect({ host: '127.0.0.1', port: Number(port), ...options });
    await once(dialled, 'secureConnect');
    const { cert } = round % 2 === 0 ? first : second;
    expect(dialled.getPeerX509Certificate()?.fingerprint256).toBe(new X509Certificate(cert).fingerprint256);
    dialled.destroy();
  }
  for (let frame = 0; frame < ROUNDS * FRAMES; frame++) {
    expect(await binary.nextEnvelope()).toEqual({ conn_id: connId, frame });
    expect(await phone.next()).toBe(`${frame}`);
  }
  expect(running.count('reload refused')).toBe(0);
});
