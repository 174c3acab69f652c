/** Requests as proxies and odd clients send them, on every listener alike. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { binaryHeaders, phoneHeaders } from '../support/peer.ts';
import { clientFrame, RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

const LISTENERS = ['public', 'metrics', 'inspect'] as const;
type Listener = (typeof LISTENERS)[number];

let relay: TestRelay;
beforeAll(async () => {
  relay = await TestRelay.start({ inspectListen: { host: '127.0.0.1', port: 0 } });
});
afterAll(() => relay.dispose());

/** A path that each listener answers with 200. */
const PATHS: Readonly<Record<Listener, string>> = { public: '/healthz', metrics: '/metrics', inspect: '/' };

const portOf = (listener: Listener): number => {
  const urls = { public: relay.httpUrl, metrics: relay.metricsUrl, inspect: relay.inspectUrl };
  return Number(new URL(urls[listener]).port);
};

/** Everything the relay sends until it ends TCP. */
const exchange = async (port: number, ...pieces: readonly (string | Buffer)[]): Promise<string> => {
  const raw = new RawSocket(port);
  for (const piece of pieces) raw.write(piece);
  await raw.ended;
  raw.destroy();
  return raw.received.toString('latin1');
};

const head = (target: string, headers: readonly string[] = ['Host: localhost']): string =>
  `GET ${target} HTTP/1.1\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`;

const upgradeHead = (
  role: 'server' | 'client',
  serverId: string,
  extra: readonly string[] = [],
  target?: string,
) => {
  const good = role === 'server' ? binaryHeaders(serverId) : phoneHeaders(serverId);
  const lines = RawSocket.handshakeHeaders(good).map(([name, value]) => `${name}: ${value}`);
  return head(target ?? `/v1/${role}`, [...lines, ...extra]);
};

/** The first answer to an upgrade request, with what is sent behind its head. */
const dial = async (
  request: string,
  body: string | Buffer = '',
): Promise<{ status: number; body: string }> => {
  const raw = new RawSocket(relay.port);
  raw.write(Buffer.concat([Buffer.from(request, 'latin1'), Buffer.from(body)]));
  const answer = await raw.answer();
  raw.destroy();
  return answer;
};

const statuses = (received: string): number[] =>
  [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

const refused = async (listener: Listener, reason: string): Promise<number> =>
  (await relay.metric(`http_requests_refused_total{listener="${listener}",reason="${reason}"}`)) ??
  Number.NaN;

describe.each(LISTENERS)('the %s listener', (listener) => {
  const ask = async (target: string, headers?: readonly string[]): Promise<string> =>
    await exchange(portOf(listener), head(target, headers));

  test.each(['http', 'https', 'ws', 'wss', 'HTTP'])(
    'understands an absolute request target with %s (RFC 9112 section 3.2.2)',
    async (scheme) => {
      const target = `${scheme}://localhost:1${PATHS[listener]}`;
      // Its authority counts, and Host does not.
      expect(statuses(await ask(target, ['Host: other.example']))).toEqual([200]);
      expect(statuses(await ask(`${target}?a=/b&c=?d`))).toEqual([200]);
    },
  );

  test('finds no path in an absolute target without one, or with an unknown scheme', async () => {
    const root = listener === 'inspect' ? 200 : 404;
    expect(statuses(await ask('http://localhost'))).toEqual([root]);
    expect(statuses(await ask(`http://localhost?${PATHS[listener]}`))).toEqual([root]);
    expect(statuses(await ask(`ftp://localhost${PATHS[listener]}`))).toEqual([404]);
  });

  test('ignores a query', async () => {
    for (const query of ['?', '?x=1', '?/other', '?%zz'])
      expect(statuses(await ask(`${PATHS[listener]}${query}`))).toEqual([200]);
  });

  test.each([
    ['host_missing', [], 'Host is missing\n'],
    ['host_repeated', ['Host: localhost', 'Host: localhost'], 'Host is repeated\n'],
    [
      'host_repeated',
      ['Host: localhost', ...Array.from({ length: 2_000 }, () => 'a:'), 'Host: x'],
      'Host is repeated\n',
    ],
    ['host_malformed', ['Host: local host'], 'Host is not a host and port\n'],
  ] as const)('answers 400 to %s, says so and counts it', async (reason, headers, text) => {
    const before = await refused(listener, reason);
    const answer = await ask(PATHS[listener], headers);
    expect(statuses(answer)).toEqual([400]);
    expect(answer.endsWith(`\r\n\r\n${text}`)).toBe(true);
    expect(await refused(listener, reason)).toBe(before + 1);
  });

  test.each([
    ['Content-Length: 5', 'hello'],
    ['Content-Length: 5', ''],
    ['Transfer-Encoding: chunked', '1\r\nx\r\n0\r\n\r\n'],
    ['Transfer-Encoding: chunked', ''],
  ])('refuses a body: %s, %j', async (field, body) => {
    const before = await refused(listener, 'body');
    for (const expectation of [[], ['Expect: 100-continue']]) {
      const request = head(PATHS[listener], ['Host: localhost', field, ...expectation]);
      expect(statuses(await exchange(portOf(listener), request, body))).toEqual([400]);
    }
    expect(await refused(listener, 'body')).toBe(before + 2);
    expect(statuses(await ask(PATHS[listener], ['Host: localhost', 'Content-Length: 0']))).toEqual([200]);
  });

  test('answers one request per connection, however many are sent', async () => {
    const before = await refused(listener, 'pipelined');
    const request = head(PATHS[listener]);
    const received = await exchange(portOf(listener), request.repeat(200));
    expect(statuses(received)).toEqual([200]);
    expect(received).toMatch(/\r\nconnection: close\r\n/i);
    expect(await refused(listener, 'pipelined')).toBe(before + 1);
  });

  test('takes a request in single bytes, with empty lines before it', async () => {
    const pieces = Array.from(`\r\n\r\n${head(PATHS[listener])}`);
    expect(statuses(await exchange(portOf(listener), ...pieces))).toEqual([200]);
  });

  test('answers 431 to a head that is too long, and 400 to what is no request', async () => {
    const long = head(PATHS[listener], ['Host: localhost', `X: ${'x'.repeat(20_000)}`]);
    expect(statuses(await exchange(portOf(listener), long))).toEqual([431]);
    expect(statuses(await exchange(portOf(listener), Buffer.from([22, 3, 1, 0, 5, 1, 2, 3, 4, 5])))).toEqual([
      400,
    ]);
  });

  test('serves an expectation it does not know', async () => {
    expect(statuses(await ask(PATHS[listener], ['Host: localhost', 'Expect: the-best']))).toEqual([200]);
  });
});

describe.each(['metrics', 'inspect'] as const)('the %s listener answers only to this machine', (listener) => {
  const status = async (headers: readonly string[], target = PATHS[listener]): Promise<number[]> =>
    statuses(await exchange(portOf(listener), head(target, headers)));

  test.each([
    '127.0.0.1',
    '127.0.0.1:9090',
    '127.1.2.3:1',
    'localhost:65535',
    'LOCALHOST',
    '[::1]',
    '[::1]:9090',
  ])('allows a Host of %s', async (host) => {
    expect(await status([`Host: ${host}`])).toEqual([200]);
    expect(await status([`Host: ${host}`, `Origin: http://${host}`, 'Sec-Fetch-Site: same-origin'])).toEqual([
      200,
    ]);
  });

  test.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1:9090',
    '[::2]',
    '',
    'localhost:123456',
  ])('refuses a Host of %j and counts it', async (host) => {
    const before = await refused(listener, 'foreign');
    expect(await status([`Host: ${host}`])).toEqual([403]);
    if (host !== '')
      expect(await status(['Host: localhost'], `http://${host}${PATHS[listener]}`)).toEqual([403]);
    expect(await refused(listener, 'foreign')).toBe(before + (host === '' ? 1 : 2));
  });

  test('refuses a page of another origin', async () => {
    for (const origin of ['http://localhost:2', 'https://localhost:1', 'null', 'http://evil.example'])
      expect(await status(['Host: localhost:1', `Origin: ${origin}`])).toEqual([403]);
    for (const site of ['cross-site', 'same-site'])
      expect(await status(['Host: localhost:1', `Sec-Fetch-Site: ${site}`])).toEqual([403]);
  });
});

describe('an upgrade', () => {
  test.each(['http', 'https', 'ws', 'wss', 'WS'])('may have an absolute target with %s', async (scheme) => {
    for (const role of ['server', 'client'] as const) {
      const target = `${scheme}://relay.example/v1/${role}?x`;
      expect((await dial(upgradeHead(role, relay.peers.serverId(), ['Host: relay'], target))).status).toBe(
        101,
      );
    }
  });

  test.each([
    ['without Host', [], 'Host is missing\n'],
    ['with two', ['Host: relay', 'Host: relay'], 'Host is repeated\n'],
    ['with one that is none', ['Host: a b'], 'Host is not a host and port\n'],
  ] as const)('%s is 400', async (_, hosts, text) => {
    for (const role of ['server', 'client'] as const) {
      const answer = await dial(upgradeHead(role, relay.peers.serverId(), hosts));
      expect(answer).toMatchObject({ status: 400, body: text });
    }
  });

  test('that announces a body is 400, and the binary gets none of it', async () => {
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const frame = clientFrame('"from the body"');
    const fields = [
      `Content-Length: ${frame.length}`,
      'Transfer-Encoding: chunked',
      'Transfer-Encoding: gzip, chunked',
    ];
    for (const field of fields) {
      for (const body of [frame, '']) {
        const answer = await dial(upgradeHead('client', serverId, ['Host: relay', field]), body);
        expect([field, answer.status]).toEqual([field, 400]);
      }
    }
    await relay.peers.knownPhone(serverId, binary);
    expect(binary.inbox.size).toBe(0);
    expect((await dial(upgradeHead('client', serverId, ['Host: relay', 'Content-Length: 0']))).status).toBe(
      101,
    );
  });

  test('with the method HEAD is answered as a GET would be, without a body (RFC 9110 section 9.3.2)', async () => {
    const paths = ['/v1/client', '/v1/server', '/healthz', '/other'];
    for (const path of paths) {
      const request = upgradeHead('client', relay.peers.serverId(), ['Host: relay'], path);
      const received = await exchange(relay.port, request.replace('GET', 'HEAD'));
      expect([path, received.slice(received.indexOf('\r\n\r\n'))]).toEqual([path, '\r\n\r\n']);
      expect(received).toMatch(/\r\nContent-Length: [1-9]/);
    }
  });

  test('that is refused is read on, so that what is sent behind it does not cost the answer', async () => {
    const raw = new RawSocket(relay.port);
    const broken = once(raw.socket, 'error').then(() => 'reset');
    raw.write(upgradeHead('client', relay.peers.serverId(), ['Host: relay', 'Content-Length: 5000']));
    expect((await raw.answer()).status).toBe(400);
    await raw.ended;
    // A relay that had closed both halves would answer the first piece with a reset, and the second could not be sent.
    await new Promise<void>((resolve) => raw.socket.write('x'.repeat(2_500), () => resolve()));
    raw.socket.end('x'.repeat(2_500));
    const closed = once(raw.socket, 'close').then(() => 'closed');
    expect(await Promise.race([broken, closed])).toBe('closed');
  });

  test.each([1, 2, 3])('behind %i pipelined requests is not taken', async (count) => {
    const before = relay.lines.length;
    const request = `${head('/healthz').repeat(count)}${upgradeHead('server', relay.peers.serverId(), ['Host: relay'])}`;
    expect(statuses(await exchange(relay.port, request))).toEqual([200]);
    expect(relay.lines.slice(before).filter(({ event }) => event === 'server_claimed')).toEqual([]);
  });

  test('may carry its first frames in the same packet, or in pieces', async () => {
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const bytes = Buffer.concat([
      Buffer.from(upgradeHead('client', serverId, ['Host: relay']), 'latin1'),
      ...['1', '2', '3'].map((text) => clientFrame(text)),
    ]);
    const raws = [bytes.length, 7, 1].map((size) => {
      const raw = new RawSocket(relay.port);
      for (let at = 0; at < bytes.length; at += size) raw.write(bytes.subarray(at, at + size));
      return raw;
    });
    const frames: unknown[] = [];
    for (let i = 0; i < 9; i++) frames.push((await binary.nextEnvelope()).frame);
    expect(frames.map(String).toSorted().join('')).toBe('111222333');
    for (const raw of raws) raw.destroy();
  });
});

test('a peer that sends on behind a plain request is cut', async () => {
  const socket = connect(portOf('inspect'), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(head('/events'));
  await once(socket, 'data');
  socket.write('x'.repeat(100_000));
  await once(socket, 'close');
});
