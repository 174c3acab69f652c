/** TLS handshakes of one address: who begins far too many gets none. */
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

test('an address that dials too often is told so; only one that begins four times as many handshakes is closed before', async () => {
  await start();
  const serverId = relay.peers.serverId();
  await relay.peers.binary(serverId, { ca });
  await relay.peers.phone(serverId, { ca });
  await relay.peers.phone(serverId, { ca });
  const dial = relay.peers.dialPhone(serverId, { ca });
  expect(await dial.status).toBe(429);
  // Handshakes that no request follows count as well: three dials allow twelve, and four have been.
  for (let n = 4; n < 12; n++) expect(await isGreeted()).toBe(true);
  expect(await refusals()).toBe(0);
  expect(await isGreeted()).toBe(false);
  expect(await refusals()).toBe(1);
  const { fields } = await relay.logged('admission_refused');
  expect(fields).toEqual({ limit: 'handshake_rate', remote: '127.0.0.1', source: 'socket', path: '' });
});

test('the address that a PROXY header names counts', async () => {
  await start({ httpsProxyProtocol: true, rateBurst: 1 });
  const [one, two] = [ipv4Header([203, 0, 113, 1]), ipv4Header([203, 0, 113, 2])];
  for (let n = 0; n < 4; n++) expect(await isGreeted(one)).toBe(true);
  expect(await isGreeted(one)).toBe(false);
  expect(await isGreeted(two)).toBe(true);
  expect((await relay.logged('admission_refused')).fields).toMatchObject({
    remote: '203.0.113.1',
    source: 'proxy_protocol',
  });
});

test('a trusted proxy that speaks TLS to us is not closed, however many it begins', async () => {
  await start({ trustedProxies: ['loopback'], rateBurst: 1 });
  const serverId = relay.peers.serverId();
  await relay.peers.binary(serverId, { ca });
  for (let n = 0; n < 5; n++) expect(await isGreeted()).toBe(true);
  expect(await refusals()).toBe(0);
});
