/** Connections that take their time before there is anything to serve: they are cut, and delay nobody. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { makeCertificate } from '../support/certificates.ts';
import { HealthyPair } from '../support/healthy-pair.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

const certificate = makeCertificate();
const ca = certificate.cert;
const OPENINGS = 100;
const BYTE_EVERY_MS = 200;

let relay: TestRelay;
beforeAll(async () => {
  relay = await TestRelay.start({
    httpsListen: { host: '127.0.0.1', port: 0 },
    tlsCert: certificate.certFile,
    tlsKey: certificate.keyFile,
  });
});
afterAll(() => relay.dispose());
afterEach(() => {
  vi.useRealTimers();
});

const tcp = (): Socket => connectTcp(relay.port, '127.0.0.1');
const tls = (): Socket => connectTls({ port: relay.port, host: '127.0.0.1', ca });

/** The record and the message of a ClientHello of 512 bytes; its random bytes follow. */
const CLIENT_HELLO = Buffer.concat([Buffer.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3), Buffer.alloc(501)]);
const HEAD = Buffer.from(`GET /v1/client HTTP/1.1\r\nHost: localhost\r\nX-Filler: ${'x'.repeat(4_000)}`);

/** Never the whole: each byte comes long before the one before it is forgotten. */
const byteByByte = (socket: Socket, bytes: Buffer): Socket => {
  let sent = 0;
  const timer = setInterval(() => socket.write(bytes.subarray(sent, ++sent)), BYTE_EVERY_MS);
  return socket.on('close', () => clearInterval(timer));
};

const cut = async (socket: Socket): Promise<void> => {
  socket.on('error', () => {}).resume();
  await new Promise((resolve) => socket.on('close', resolve));
};

test.each([
  ['TCP and nothing else', tcp],
  [
    'half a ClientHello',
    () => {
      const socket = tcp();
      socket.write(CLIENT_HELLO.subarray(0, 200));
      return socket;
    },
  ],
  ['a ClientHello byte by byte', () => byteByByte(tcp(), CLIENT_HELLO)],
  ['TLS and nothing else', tls],
  ['TLS, then a request head byte by byte', () => byteByByte(tls(), HEAD)],
])('%s: all are cut at a deadline, and a pair goes on', async (_what, open) => {
  const pair = await HealthyPair.start(relay.peers, { ca });
  await Promise.all(Array.from({ length: OPENINGS }, () => cut(open())));
  expect(await pair.end()).toBeGreaterThan(0);
});

test('15 s after its accept a connection without a whole request is cut, logged and counted, whatever its parser waits for', async () => {
  const plain = await TestRelay.start({ insecureListen: { host: '127.0.0.1', port: 0 } });
  const unfinished = async () => await plain.metric('unfinished_connections');
  // The HTTP parser does not follow this clock: its deadline is 5 s of real time, and is not reached here.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const raw = new RawSocket(plain.port);
  raw.write('GET /healthz HTTP/1.1\r\n');
  while ((await unfinished()) !== 1);
  vi.advanceTimersByTime(14_999);
  await new Promise(setImmediate);
  expect(await unfinished()).toBe(1);
  vi.advanceTimersByTime(2);
  await raw.ended;
  vi.useRealTimers();
  expect(raw.received.toString()).toBe('');
  expect(plain.events('admission_refused').map(({ fields }) => fields)).toEqual([
    { limit: 'deadline', remote: '127.0.0.1', source: 'socket', path: '' },
  ]);
  expect(await plain.metric('admission_refusals_total{limit="deadline"}')).toBe(1);
  expect(await unfinished()).toBe(0);
  await plain.dispose();
});
