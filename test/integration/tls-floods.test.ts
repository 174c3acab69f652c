/**
 * TLS 1.3 peers that send records without data, KeyUpdates above all, which cost 27 bytes to send and 70 µs to take; or too many of any
 * kind before their upgrade.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAX_BARREN_RECORDS, MAX_OPENING_RECORDS } from '../../src/protocol/tls-limits.ts';
import { makeCertificate, type TestCertificate } from '../support/certificates.ts';
import { phoneHeaders } from '../support/peer.ts';
import { clientFrame, RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';
import { Tls13Peer } from '../support/tls13-peer.ts';

let certificate: TestCertificate;
let relay: TestRelay;
beforeAll(async () => {
  certificate = makeCertificate();
  relay = await TestRelay.start({
    httpsListen: { host: '127.0.0.1', port: 0 },
    tlsCert: certificate.certFile,
    tlsKey: certificate.keyFile,
  });
});
afterAll(() => relay.dispose());

const pair = async () => {
  const serverId = relay.peers.serverId();
  const ca = certificate.cert;
  const binary = await relay.peers.binary(serverId, { ca });
  return { serverId, binary, ...(await relay.peers.knownPhone(serverId, binary, { ca })) };
};

/** A phone of this server-id. */
const phoneOf = async (serverId: string): Promise<Tls13Peer> => {
  const peer = await Tls13Peer.dial(relay.port);
  const lines = RawSocket.handshakeHeaders(phoneHeaders(serverId)).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  peer.tcp.write(peer.record(`GET /v1/client HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}\r\n`));
  const [answer] = (await once(peer.tls, 'data')) as [Buffer]; // As documented.
  expect(answer.toString('latin1')).toContain('101 Switching Protocols');
  return peer;
};

const floods = async (): Promise<number> =>
  (await relay.metric('tls_handshake_failures_total{kind="flood"}')) ?? 0;

/** Resolves when the relay has cut it. */
const cut = async ({ tcp }: Tls13Peer): Promise<void> => {
  if (!tcp.destroyed) await new Promise((resolve) => tcp.once('close', resolve));
};

test('peers that flood with KeyUpdates are cut, and a pair is served meanwhile', async () => {
  const { serverId, binary, phone, connId } = await pair();
  const attackers = await Promise.all(Array.from({ length: 4 }, () => phoneOf(serverId)));
  const before = await floods();
  const sent = attackers.map((peer) => ({ peer, flood: peer.keyUpdates(2_000) }));
  for (const { peer, flood } of sent) peer.tcp.write(flood);
  phone.send('"up"');
  const arrived = await binary.nextEnvelope();
  expect(arrived).toEqual({ conn_id: connId, frame: 'up' });
  binary.send(`{"conn_id":"${connId}","frame":"down"}`);
  expect(await phone.next()).toBe('"down"');
  await Promise.all(attackers.map(cut));
  expect((await floods()) - before).toBe(4);
  const { fields } = await relay.logged('tls_handshake_failed', { err: 'flood' });
  expect(fields).toEqual({ remote: '127.0.0.1', source: 'socket', err: 'flood' });
  expect(relay.lines.filter(({ fields: { err } }) => err === 'flood')).toHaveLength(1);
});

test('padding does not hide a KeyUpdate', async () => {
  const peer = await Tls13Peer.dial(relay.port);
  const before = await floods();
  peer.tcp.write(peer.keyUpdates(MAX_BARREN_RECORDS, { padding: 1_000 }));
  await cut(peer);
  expect((await floods()) - before).toBe(1);
});

test('data in between does not hide records without data', async () => {
  const { serverId } = await pair();
  const peer = await phoneOf(serverId);
  const before = await floods();
  for (let i = 0; i < MAX_BARREN_RECORDS; i++) {
    peer.tcp.write(peer.record(clientFrame(`"${i}"`)));
    peer.tcp.write(peer.record(''));
  }
  await cut(peer);
  expect((await floods()) - before).toBe(1);
});

test('a request head that comes byte by byte, each in a record, is not read to its end', async () => {
  const peer = await Tls13Peer.dial(relay.port);
  const before = await floods();
  const head = `GET /healthz HTTP/1.1\r\nX-Long: ${'x'.repeat(MAX_OPENING_RECORDS)}`;
  peer.tcp.write(Buffer.concat(Array.from(head, (byte) => peer.record(byte))));
  await cut(peer);
  expect((await floods()) - before).toBe(1);
});

test('one that comes in a record for each header is answered', async () => {
  const peer = await Tls13Peer.dial(relay.port);
  const headers = Array.from({ length: 100 }, (_, i) => `X-${i}: ${i}\r\n`);
  const lines = ['GET /healthz HTTP/1.1\r\n', 'Host: localhost\r\n', ...headers, '\r\n'];
  for (const line of lines) peer.tcp.write(peer.record(line));
  const [answer] = (await once(peer.tls, 'data')) as [Buffer]; // As documented.
  expect(answer.toString('latin1')).toContain('200 OK');
  peer.tcp.destroy();
});

test('a client that renews its keys now and then is served, and so is one that pads', async () => {
  const { serverId, binary } = await pair();
  const peer = await phoneOf(serverId);
  for (let i = 0; i < 10; i++) {
    peer.tcp.write(peer.keyUpdates(1));
    peer.tcp.write(peer.record(clientFrame(`"${i}"`), { padding: 500 }));
    expect((await binary.nextEnvelope())['frame']).toBe(String(i));
  }
  peer.tcp.destroy();
});

test('a client of small records is served', async () => {
  const { serverId, binary } = await pair();
  const peer = await phoneOf(serverId);
  const message = clientFrame(`"${'x'.repeat(3_000)}"`);
  const pieces = Array.from(message, (byte) => peer.record(Buffer.of(byte)));
  peer.tcp.write(Buffer.concat(pieces));
  expect((await binary.nextEnvelope())['frame']).toBe('x'.repeat(3_000));
  peer.tcp.destroy();
});

test('openssl may renew its keys', async () => {
  const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${relay.port}`, '-tls1_3']);
  let text = '';
  client.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  const says = async (words: string): Promise<void> => {
    while (!text.includes(words)) await once(client.stdout, 'data');
  };
  await says('Verify return code');
  client.stdin.write('K\n');
  // It says so on stderr, before it takes the next line.
  while (!String((await once(client.stderr, 'data'))[0]).includes('KEYUPDATE'));
  client.stdin.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await says('"status":"ok"');
  client.kill();
});
