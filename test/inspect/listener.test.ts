/** The listener of the live page: access, limits, and what it never reveals. */
import { request } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { phoneHeaders } from '../support/peer.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
afterEach(() => relay.dispose());

const start = async (): Promise<void> => {
  relay = await TestRelay.start({ inspectListen: { host: '127.0.0.1', port: 0 }, graceMs: 60_000 });
};

const get = async (
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> =>
  await new Promise((resolve, reject) => {
    const sent = request(new URL(path, relay.inspectUrl), { method, headers }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });

/** Reads a stream of updates until `enough` returns true. */
const follow = async (path: string, enough: (text: string) => boolean): Promise<string> =>
  await new Promise((resolve, reject) => {
    const sent = request(new URL(path, relay.inspectUrl), (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (!enough(text)) return;
        sent.destroy();
        resolve(text);
      });
      response.on('end', () => resolve(text));
    });
    sent.on('error', reject);
    sent.end();
  });

describe('access', () => {
  test.each(['127.0.0.1:1', '[::1]:9091', 'localhost', 'LOCALHOST:8000'])(
    'is allowed for a Host of %s, on any port',
    async (host) => {
      await start();
      expect((await get('/', { host })).status).toBe(200);
    },
  );

  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1:9091', '[::2]'])(
    'is refused for a Host of %s, to stop DNS rebinding',
    async (host) => {
      await start();
      for (const path of ['/', '/events', '/recording', '/main.js']) {
        expect((await get(path, { host })).status).toBe(403);
      }
    },
  );

  test('is refused for an Origin other than the page’s own', async () => {
    await start();
    const host = 'localhost:9091';
    expect((await get('/', { host, origin: 'http://localhost:9091' })).status).toBe(200);
    for (const origin of ['http://localhost:9092', 'https://localhost:9091', 'null', 'http://evil.example']) {
      expect((await get('/events', { host, origin })).status).toBe(403);
    }
  });

  test.each(['cross-site', 'same-site'])(
    'is refused for a foreign page that sends no Origin: %s',
    async (site) => {
      await start();
      expect((await get('/events', { 'sec-fetch-site': site })).status).toBe(403);
      for (const own of ['same-origin', 'none'])
        expect((await get('/', { 'sec-fetch-site': own })).status).toBe(200);
    },
  );

  test('pipelined streams on one connection take one place and release it', async () => {
    await start();
    const { port } = new URL(relay.inspectUrl);
    const raw = new RawSocket(Number(port));
    for (let i = 0; i < 12; i++) raw.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await raw.answer();
    raw.reset();
    const again = await Promise.all(
      Array.from({ length: 8 }, () => follow('/events', (text) => text.includes('data: {"overview"'))),
    );
    expect(again.every((text) => text.includes('event: hello'))).toBe(true);
  });

  test('is read-only, and unknown targets get 404', async () => {
    await start();
    for (const method of ['POST', 'PUT', 'DELETE']) expect((await get('/', {}, method)).status).toBe(405);
    for (const path of ['/nope', '/../package.json', '/charts/../../package.json', '/%']) {
      expect((await get(path)).status).toBe(404);
    }
  });

  test('every response carries a strict Content-Security-Policy', async () => {
    await start();
    for (const path of ['/', '/main.js', '/page.css', '/charts/server-wide.svg', '/inspecting.txt']) {
      const { status, headers } = await get(path);
      expect([path, status]).toEqual([path, 200]);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['cache-control']).toBe('no-store');
    }
  });

  test('a ninth watcher is told that there are too many, and may take the place of one that leaves', async () => {
    await start();
    const leave: (() => void)[] = [];
    for (let i = 0; i < 8; i++) {
      await new Promise<void>((resolve) => {
        const sent = request(new URL('/events', relay.inspectUrl), (response) => {
          response.resume();
          resolve();
        });
        sent.on('error', () => {});
        sent.end();
        leave.push(() => sent.destroy());
      });
    }
    expect((await get('/events')).body).toBe('event: full\ndata: {}\n\n');
    leave[0]?.();
    while (!(await follow('/events', (text) => text.includes('data:'))).includes('event: hello'))
      await relay.health();
    for (const end of leave) end();
  });
});

describe('the stream', () => {
  test('reveals no frames, tokens, headers or addresses', async () => {
    await start();
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const watching = follow(`/events?server=${serverId}`, (text) => text.includes('"connection.ended"'));
    while (!(await relay.metric('connected_binaries'))) await relay.health();
    const phone = await relay.peers
      .dial('/v1/client', {
        ...phoneHeaders(serverId),
        'X-Pyrycode-Token': 'SECRET-token',
        'X-Pyrycode-Device-Name': 'SECRET-name',
        'User-Agent': 'SECRET-agent',
      })
      .open();
    phone.send('"SECRET-frame"');
    await binary.nextEnvelope();
    await phone.close(4000, 'SECRET-reason');
    const text = await watching;
    expect(text).toContain('phone.registered');
    expect(text).not.toContain('SECRET');
    expect(text).not.toContain('127.0.0.1');
  });

  test('sends all rows first, then only changed and removed ones', async () => {
    await start();
    await relay.peers.binary('first');
    const told = follow('/events', (text) => text.includes('"second"'));
    await new Promise((resolve) => setTimeout(resolve, 400));
    await relay.peers.binary('second');
    const updates = [...(await told).matchAll(/^data: (\{"overview".*)$/gm)].map(
      ([, json]) => JSON.parse(json ?? '') as { rows?: { isFull: boolean; changed: [string][] } },
    );
    const withRows = updates.flatMap(({ rows }) => (rows === undefined ? [] : [rows]));
    expect(withRows.map(({ isFull, changed }) => [isFull, changed.map(([id]) => id)])).toEqual([
      [true, ['first']],
      [false, ['second']],
    ]);
  });

  test('ends when the relay stops', async () => {
    await start();
    const ended = follow('/events', () => false);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await relay.stop();
    expect(await ended).toContain('hello');
  });
});

test('without --inspect-listen there is no listener', async () => {
  relay = await TestRelay.start();
  expect(relay.inspectUrl).toBe('');
});
