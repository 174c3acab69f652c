/** What no route sees: CONNECT, HTTP/2, and what the HTTP parser refuses. On every listener alike. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

const LISTENERS = ['public', 'metrics', 'inspect'] as const;
type Listener = (typeof LISTENERS)[number];

let relay: TestRelay;
beforeAll(async () => {
  relay = await TestRelay.start({ inspectListen: { host: '127.0.0.1', port: 0 } });
});
afterAll(() => relay.dispose());

const portOf = (listener: Listener): number => {
  const urls = { public: relay.httpUrl, metrics: relay.metricsUrl, inspect: relay.inspectUrl };
  return Number(new URL(urls[listener]).port);
};

/** Everything the relay sends until it ends TCP. @param ends whether the peer's half ends behind the bytes */
const exchange = async (listener: Listener, bytes: string | Buffer, ends: boolean): Promise<string> => {
  const raw = new RawSocket(portOf(listener));
  raw.write(bytes);
  if (ends) raw.socket.end();
  await raw.ended;
  raw.destroy();
  return raw.received.toString('latin1');
};

const refused = async (listener: Listener, reason: string): Promise<number> =>
  (await relay.metric(`http_requests_refused_total{listener="${listener}",reason="${reason}"}`)) ??
  Number.NaN;

const HOST = 'Host: localhost\r\n';
const CONNECT = `CONNECT localhost:80 HTTP/1.1\r\n${HOST}`;
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
const TLS_HELLO = Buffer.from([22, 3, 1, 0, 5, 1, 2, 3, 4, 5]);

const CONNECT_TEXT = 'CONNECT is not accepted: this is no proxy';
const HTTP2_TEXT = 'HTTP/2 is not spoken here: only HTTP/1.1';

describe.each(LISTENERS)('the %s listener', (listener) => {
  test.each([
    ['connect', 405, `${CONNECT}\r\n`, CONNECT_TEXT],
    ['connect', 405, `${CONNECT}Connection: upgrade\r\nUpgrade: websocket\r\n\r\n`, CONNECT_TEXT],
    ['connect', 405, Buffer.concat([Buffer.from(`${CONNECT}\r\n`), TLS_HELLO]), CONNECT_TEXT],
    ['host_missing', 400, 'CONNECT localhost:80 HTTP/1.1\r\n\r\n', 'Host is missing'],
    ['body', 400, `${CONNECT}Content-Length: 5\r\n\r\nhello`, 'a request with a body'],
    ['http2', 505, PREFACE, HTTP2_TEXT],
    ['http2', 505, 'PRI * HTTP/2.0\r\n\r\n', HTTP2_TEXT],
    ['http2', 505, Buffer.concat([Buffer.from(PREFACE), SETTINGS]), HTTP2_TEXT],
    ['http2', 505, 'PRI * HTTP/1.1\r\n\r\n', HTTP2_TEXT],
    ['malformed', 400, 'hello\r\n\r\n', 'not an HTTP/1.1 request: Invalid method encountered'],
    ['malformed', 400, TLS_HELLO, 'not an HTTP/1.1 request'],
    ['malformed', 400, `GET / HTTP/1.1\r\n${HOST}Content-Length: x\r\n\r\n`, 'not an HTTP/1.1 request'],
    ['incomplete', 400, 'GET / HT', 'the connection ended inside the request head'],
    [
      'head_too_long',
      431,
      `GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(20_000)}\r\n\r\n`,
      'the request head is longer than 16384 bytes',
    ],
    ['timeout', 408, 'GET / HTTP/1.1\r\n', 'no complete request head within 5 s'],
  ] as const)('answers %s with %i, explains and counts it (%#)', async (reason, status, bytes, text) => {
    const before = await refused(listener, reason);
    const answer = await exchange(listener, bytes, reason === 'incomplete');
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer.match(/HTTP\/1\.1 \d{3} /g)).toHaveLength(1);
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
    expect(answer).toContain(`\r\n\r\n${text}`);
    expect(answer.endsWith('\n')).toBe(true);
    expect(await refused(listener, reason)).toBe(before + 1);
    expect(relay.events('request_refused')).toContainEqual(
      expect.objectContaining({
        fields: { listener, remote: '127.0.0.1', source: 'socket', err: expect.stringContaining(text) },
      }),
    );
  });

  test('names the methods it accepts beside CONNECT', async () => {
    expect(await exchange(listener, `${CONNECT}\r\n`, false)).toContain('\r\nAllow: GET\r\n');
  });

  test('answers HTTP/2 in single bytes', async () => {
    const raw = new RawSocket(portOf(listener));
    for (const byte of `\r\n${PREFACE}`) raw.write(byte);
    await raw.ended;
    raw.destroy();
    expect(raw.received.toString('latin1')).toMatch(/^HTTP\/1\.1 505 /);
  });

  test('counts nothing for a connection that ends without a byte', async () => {
    const before = await refused(listener, 'incomplete');
    expect(await exchange(listener, '', true)).toBe('');
    expect(await refused(listener, 'incomplete')).toBe(before);
  });
});
