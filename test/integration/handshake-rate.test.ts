/** TLS handshakes of one address: who dials too often gets none. */
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { makeCertificate } from '../support/certificates.ts';
import { ipv4Header } from '../support/proxy-header.ts';
import { TestRelay } from '../support/relay.ts';

const certificate = makeCertificate();
const ca = certificate.cert;

let relay: TestRelay;
afterEach(() => relay.dispose());

const start = async (options: Parameters<typeof TestRelay.start>[0] = {}): Promise<void> => {
  relay = await TestRelay.start({
    httpsListen: { host: '127.0.0.1', port: 0 },
    tlsCert: certificate.certFile,
    tlsKey: certificate.keyFile,
    rateBurst: 3,
    rateEveryMs: 3_600_000,
    ...options,
  });
};

/** Whether a handshake that begins now is finished. */
const isGreeted = async (header?: Buffer): Promise<boolean> => {
  const tcp = connectTcp(relay.port, '127.0.0.1');
  if (header !== undefined) tcp.write(header);
  const socket = connect({ socket: tcp, ca, servername: 'localhost' });
  socket.on('error', () => {});
  const greeted = await new Promise<boolean>((resolve) => {
    socket.once('secureConnect', () => resolve(true));
    socket.once('close', () => resolve(false));
  });
  socket.destroy();
  return greeted;
};

const refusals = (): Promise<number | undefined> =>
  relay.metric('admission_refusals_total{limit="handshake_rate"}');

test('an address that owes tokens is closed before its handshake, and an honest dial takes one token', async () => {
  await start();
  const serverId = relay.peers.serverId();
  await relay.peers.binary(serverId, { ca });
  await relay.peers.phone(serverId, { ca });
  // Handshakes alone take none.
  for (let n = 0; n < 5; n++) expect(await isGreeted()).toBe(true);
  await relay.peers.phone(serverId, { ca });
  expect(await isGreeted()).toBe(false);
  expect(await refusals()).toBe(1);
  const { fields } = await relay.logged('admission_refused');
  expect(fields).toEqual({ limit: 'handshake_rate', remote: '127.0.0.1', source: 'socket', path: '' });
});

test('the address that a PROXY header names counts', async () => {
  await start({ httpsProxyProtocol: true, rateBurst: 1 });
  const [one, two] = [ipv4Header([203, 0, 113, 1]), ipv4Header([203, 0, 113, 2])];
  const tcp = connectTcp(relay.port, '127.0.0.1');
  tcp.write(one);
  const socket = connect({ socket: tcp, ca, servername: 'localhost' });
  socket.write('GET /v1/client HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'data');
  socket.destroy();
  expect(await isGreeted(one)).toBe(false);
  expect(await isGreeted(two)).toBe(true);
  expect((await relay.logged('admission_refused')).fields).toMatchObject({
    remote: '203.0.113.1',
    source: 'proxy_protocol',
  });
});

test('a trusted proxy that speaks TLS to us is not closed for what its own address owes', async () => {
  await start({ trustedProxies: ['loopback'], rateBurst: 1 });
  const serverId = relay.peers.serverId();
  await relay.peers.binary(serverId, { ca });
  expect(await isGreeted()).toBe(true);
  expect(await refusals()).toBe(0);
});
