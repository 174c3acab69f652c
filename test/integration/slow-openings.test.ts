/** Connections that take their time before there is anything to serve: they are cut, and delay nobody. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCertificate } from '../support/certificates.ts';
import { HealthyPair } from '../support/healthy-pair.ts';
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
])(
  '%s: all are cut at a deadline, and a pair goes on',
  async (_what, open) => {
    const pair = await HealthyPair.start(relay.peers, { ca });
    await Promise.all(Array.from({ length: OPENINGS }, () => cut(open())));
    expect(await pair.end()).toBeGreaterThan(0);
  },
  60_000,
);
