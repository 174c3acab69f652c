/** The listener with TLS: what it offers, and how it treats those who do not get through the handshake. */
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { makeCertificate, type TestCertificate } from '../support/certificates.ts';
import { phoneHeaders } from '../support/peer.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';
import { RelayProcess } from '../support/relay-process.ts';

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

const dial = (options: ConnectionOptions = {}): TLSSocket =>
  connect({ port: relay.port, host: '127.0.0.1', ca: certificate.cert, ...options });

const opened = async (options: ConnectionOptions = {}): Promise<TLSSocket> => {
  const socket = dial(options);
  await once(socket, 'secureConnect');
  return socket;
};

/** Everything received until the connection ends. */
const received = async (socket: Socket): Promise<string> => {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => {});
  await new Promise((resolve) => socket.on('close', resolve));
  return text;
};

const failures = async (kind: string): Promise<number | undefined> =>
  await relay.metric(`tls_handshake_failures_total{kind="${kind}"}`);

/** Resolves when one more failure of this kind has been counted. */
const failed = async (kind: string, act: () => Promise<unknown>): Promise<void> => {
  const before = (await failures(kind)) ?? 0;
  await act();
  while ((await failures(kind)) === before) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await failures(kind)).toBe(before + 1);
};

const pair = async () => {
  const serverId = relay.peers.serverId();
  const ca = certificate.cert;
  const binary = await relay.peers.binary(serverId, { ca });
  return { serverId, binary, ...(await relay.peers.knownPhone(serverId, binary, { ca })) };
};

test('phones and binaries are served over TLS 1.3, or 1.2 if they offer no more, and HTTP/1.1', async () => {
  const socket = await opened({ ALPNProtocols: ['h2', 'http/1.1'] });
  expect([socket.getProtocol(), socket.alpnProtocol]).toEqual(['TLSv1.3', 'http/1.1']);
  socket.destroy();
  const old = await opened({ maxVersion: 'TLSv1.2' });
  expect(old.getProtocol()).toBe('TLSv1.2');
  old.destroy();
  const { binary, phone, connId } = await pair();
  phone.send('"up"');
  expect(await binary.next()).toBe(`{"conn_id":"${connId}","frame":"up"}`);
  binary.send(`{"conn_id":"${connId}","frame":"down"}`);
  expect(await phone.next()).toBe('"down"');
});

test('a client that offers no ALPN protocol is served', async () => {
  const socket = await opened();
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  expect(await received(socket)).toContain('"status":"ok"');
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a later connection resumes the session of an earlier one, over %s',
  async (maxVersion) => {
    const first = dial({ maxVersion });
    const [session] = (await once(first, 'session')) as [Buffer]; // As documented.
    first.destroy();
    const second = await opened({ maxVersion, session });
    expect([second.getProtocol(), second.isSessionReused()]).toEqual([maxVersion, true]);
    second.destroy();
  },
);

describe('who does not get through the handshake is closed and counted by kind', () => {
  const refused = (options: ConnectionOptions) => async (): Promise<void> => {
    const socket = dial(options);
    await once(socket, 'error');
  };

  test('an old version', async () => {
    const options: ConnectionOptions = {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL@SECLEVEL=0',
    };
    await failed('version', refused(options));
    const line = await relay.logged('tls_handshake_failed', { err: 'version' });
    expect(line.fields).toEqual({ remote: '127.0.0.1', source: 'socket', err: 'version' });
  });

  test('no common cipher', async () => {
    await failed('cipher', refused({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }));
  });

  test('HTTP/2 only', async () => {
    await failed('protocol', refused({ ALPNProtocols: ['h2'] }));
  });

  test('a client that does not trust the certificate', async () => {
    await failed('mistrust', async () => {
      const args = ['s_client', '-connect', `127.0.0.1:${relay.port}`, '-verify_return_error'];
      const client = spawn('openssl', args, { stdio: ['ignore', 'ignore', 'ignore'] });
      await once(client, 'exit');
    });
  });

  test('HTTP without TLS gets an answer in clear', async () => {
    await failed('plain_http', async () => {
      const socket = connectTcp(relay.port, '127.0.0.1');
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      expect(await received(socket)).toBe(
        'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n',
      );
    });
  });

  test('anything else', async () => {
    await failed('other', async () => {
      const socket = connectTcp(relay.port, '127.0.0.1');
      socket.write(Buffer.alloc(64));
      await received(socket);
    });
  });

  test.each([
    ['ends', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ])('a peer that %s the connection, without a log line', async (_how, leave) => {
    await failed('ended', async () => {
      const socket = connectTcp({ port: relay.port, host: '127.0.0.1', allowHalfOpen: true });
      await once(socket, 'connect');
      leave(socket);
      await received(socket.resume());
    });
    expect(relay.lines.filter(({ fields }) => fields['err'] === 'ended')).toEqual([]);
  });

  test('a peer that sends its handshake byte by byte, when the time is up', async () => {
    await failed('timeout', async () => {
      const socket = connectTcp(relay.port, '127.0.0.1');
      // The beginning of a long ClientHello: 5 bytes of record, then filler of the handshake message.
      const bytes = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3];
      const timer = setInterval(() => socket.write(Uint8Array.of(bytes.shift() ?? 0)), 200);
      expect(await received(socket)).toBe('');
      clearInterval(timer);
    });
  });
});

test('a forged record after the handshake ends the connection', async () => {
  const serverId = relay.peers.serverId();
  await relay.peers.binary(serverId, { ca: certificate.cert });
  const tcp = connectTcp(relay.port, '127.0.0.1');
  const phone = await opened({ socket: tcp });
  phone.on('error', () => {});
  const lines = RawSocket.handshakeHeaders(phoneHeaders(serverId)).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  phone.write(`GET /v1/client HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}\r\n`);
  const registered = await relay.logged('phone_registered', { server_id: serverId });
  tcp.write(Uint8Array.of(23, 3, 3, 0, 5, 1, 2, 3, 4, 5));
  const { fields } = await relay.logged('phone_unregistered', { server_id: serverId });
  expect(fields['conn_id']).toBe(registered.fields['conn_id']);
});

test('a forged record instead of a request ends the connection', async () => {
  const tcp = connectTcp(relay.port, '127.0.0.1');
  const socket = await opened({ socket: tcp });
  socket.on('error', () => {});
  tcp.write(Uint8Array.of(23, 3, 3, 0, 5, 1, 2, 3, 4, 5));
  await received(socket);
});

test('a request head that is too long is answered, however much of it follows', async () => {
  const socket = await opened();
  socket.write(`GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(40_000)}`);
  expect(await received(socket)).toMatch(/^HTTP\/1\.1 431 /);
});

test('a plain request is answered, whatever follows it', async () => {
  // In a process of its own, so that the peer is still sending when the answer is written.
  const { certFile, keyFile } = certificate;
  const other = await RelayProcess.start(['--tls-cert', certFile, '--tls-key', keyFile, '--rate-burst', '0']);
  const port = Number(new URL(other.url.replace('wss:', 'https:')).port);
  for (let n = 0; n < 30; n++) {
    const socket = dial({ port });
    await once(socket, 'secureConnect');
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    for (let piece = 0; piece < 60; piece++) {
      socket.write('x'.repeat(1_000));
      await new Promise(setImmediate);
    }
    // A reset would take from the client what it has not read yet.
    await fetch(other.metricsUrl);
    expect((await received(socket)).split('\r\n')[0], `request ${n}`).toBe('HTTP/1.1 200 OK');
  }
  expect(await other.stop()).toBe(0);
});

test('a stop closes with 1001, and waits for no handshake', async () => {
  const other = await TestRelay.start({
    httpsListen: { host: '127.0.0.1', port: 0 },
    tlsCert: certificate.certFile,
    tlsKey: certificate.keyFile,
  });
  const serverId = other.peers.serverId();
  const binary = await other.peers.binary(serverId, { ca: certificate.cert });
  const pending = connectTcp(other.port, '127.0.0.1');
  await once(pending, 'connect');
  const ended = received(pending);
  await other.stop();
  expect(await binary.closed).toEqual({ code: 1001, reason: 'shutting down' });
  expect(await ended).toBe('');
  await other.dispose();
});

test('a certificate that expires in 5 days is used, and the log says when it ends', async () => {
  const DAY_MS = 24 * 60 * 60 * 1000;
  const { certFile: tlsCert, keyFile: tlsKey, cert } = makeCertificate();
  const expiresAtMs = Date.parse(new X509Certificate(cert).validTo);
  vi.useFakeTimers({ toFake: ['Date'], now: expiresAtMs - 5 * DAY_MS });
  const aged = await TestRelay.start({ httpsListen: { host: '127.0.0.1', port: 0 }, tlsCert, tlsKey });
  vi.useRealTimers();
  const expires = new Date(expiresAtMs).toISOString().replace('.000Z', 'Z');
  expect(aged.events('certificate_expiring')).toEqual([
    { event: 'certificate_expiring', level: 'warn', fields: { expires } },
  ]);
  await aged.peers.binary(aged.peers.serverId(), { ca: cert });
  await aged.dispose();
});
