/** Checklist U1 to U7 of clients.md, and section 1 of the specification. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { binaryHeaders, type Headers, phoneHeaders } from '../support/peer.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await TestRelay.start();
});
afterAll(() => relay.dispose());

const ask = async (
  method: string,
  path: string,
  headers: readonly (readonly [string, string])[],
  version?: string,
) => {
  const raw = new RawSocket(relay.port);
  raw.request(method, path, headers, version);
  const answer = await raw.answer();
  raw.destroy();
  return answer;
};

const without = (headers: readonly [string, string][], name: string): [string, string][] =>
  headers.filter(([candidate]) => candidate.toLowerCase() !== name.toLowerCase());

const handshake = (headers: Headers): [string, string][] => RawSocket.handshakeHeaders(headers);

const LEGS = [
  {
    path: '/v1/server',
    good: binaryHeaders('handshake'),
    required: ['X-Pyrycode-Server', 'X-Pyrycode-Version', 'User-Agent'],
  },
  {
    path: '/v1/client',
    good: phoneHeaders('handshake'),
    required: ['X-Pyrycode-Server', 'X-Pyrycode-Token', 'User-Agent'],
  },
] as const;

describe('U1: only /v1/server and /v1/client accept WebSockets', () => {
  test.each([
    '/',
    '/v1',
    '/v1/server/',
    '/v1/clients',
    '/v2/server',
    '/v2/client',
    '/metrics',
    '/constructor',
  ])('%s is 404, with and without an upgrade', async (path) => {
    const upgrade = await ask('GET', path, handshake(binaryHeaders('x')));
    expect(upgrade.status).toBe(404);
    expect(upgrade.body).toBe('404 page not found\n');
    expect((await ask('GET', path, [])).status).toBe(404);
  });

  test('TestServerEndpoint_ValidUpgrade: header names are case-insensitive', async () => {
    const headers = handshake(binaryHeaders(relay.peers.serverId())).map(
      ([name, value]) => [name.toUpperCase(), value] as const,
    );
    expect((await ask('GET', '/v1/server', headers)).status).toBe(101);
  });

  test('a query string is ignored', async () => {
    expect(
      (await ask('GET', '/v1/server?x=1', handshake(binaryHeaders(relay.peers.serverId())))).status,
    ).toBe(101);
  });
});

describe('U2: TestServerEndpoint_HeaderGate_400, on both legs', () => {
  for (const { path, good, required } of LEGS) {
    test.each(required)(
      `${path} with %s missing, empty or blank is 400 with a body that says so`,
      async (name) => {
        const before = await relay.metric(
          `ws_upgrade_attempts_total{endpoint="${path.slice(4)}",outcome="reject_headers"}`,
        );
        const absent = await ask('GET', path, without(handshake(good), name));
        expect(absent.status).toBe(400);
        expect(absent.body).toBe(`${name} is missing\n`);
        expect(absent.head).toMatch(/content-type: text\/plain; charset=utf-8/i);
        expect(absent.head).toMatch(/x-content-type-options: nosniff/i);
        for (const value of ['', '   ']) {
          const headers = [...without(handshake(good), name), [name, value] as const];
          expect(await ask('GET', path, headers)).toMatchObject({ status: 400, body: `${name} is empty\n` });
        }
        const after = await relay.metric(
          `ws_upgrade_attempts_total{endpoint="${path.slice(4)}",outcome="reject_headers"}`,
        );
        expect(after).toBe((before ?? 0) + 3);
        expect(await relay.health()).toMatchObject({ phones: 0 });
      },
    );
  }

  test('headers are checked before the upgrade: a plain GET is 400 without them and 426 with them', async () => {
    expect((await ask('GET', '/v1/server', [])).status).toBe(400);
    const good = await ask('GET', '/v1/server', Object.entries(binaryHeaders('x')));
    expect(good.status).toBe(426);
    expect(good.head).toMatch(/\r\nconnection: upgrade/i);
    expect(good.head).toMatch(/\r\nupgrade: websocket/i);
  });

  test('a repeated routing header is 400; a repeated device name is accepted', async () => {
    const twice = [...handshake(phoneHeaders('x')), ['X-Pyrycode-Server', 'y'] as const];
    expect((await ask('GET', '/v1/client', twice)).status).toBe(400);
    const named = [
      ...handshake(phoneHeaders('x')),
      ['X-Pyrycode-Device-Name', 'a'] as const,
      ['X-Pyrycode-Device-Name', 'b'] as const,
    ];
    expect((await ask('GET', '/v1/client', named)).status).toBe(101);
  });

  test('a server-id passes with 128 bytes and is 400 with one more; likewise a version with 64', async () => {
    const at = (serverId: string, version: string): [string, string][] =>
      handshake({ ...binaryHeaders(serverId), 'X-Pyrycode-Version': version });
    expect((await ask('GET', '/v1/server', at('s'.repeat(128), 'v'.repeat(64)))).status).toBe(101);
    expect((await ask('GET', '/v1/server', at('s'.repeat(129), 'v'))).status).toBe(400);
    expect((await ask('GET', '/v1/server', at('s', 'v'.repeat(65)))).status).toBe(400);
  });

  test('a long device name is truncated to 256 bytes of UTF-8 for the log', async () => {
    const serverId = relay.peers.serverId();
    await relay.peers.binary(serverId);
    const name = Buffer.from('ä'.repeat(200), 'utf8').toString('latin1');
    const phone = await new RawSocket(relay.port).upgrade('/v1/client', {
      ...phoneHeaders(serverId),
      'X-Pyrycode-Device-Name': name,
    });
    const line = await relay.logged('phone_registered', { server_id: serverId });
    expect(line.fields['device_name']).toBe('ä'.repeat(128));
    phone.destroy();
  });
});

describe('U3 and section 1: the upgrade', () => {
  test.each([
    ['no Connection: upgrade', 'Connection', 'keep-alive', 426],
    ['no Upgrade: websocket', 'Upgrade', 'h2c', 426],
    ['another version', 'Sec-WebSocket-Version', '8', 400],
    ['a short key', 'Sec-WebSocket-Key', 'abc', 400],
  ])('%s', async (_, name, value, status) => {
    const headers = [...without(handshake(binaryHeaders('x')), name), [name, value] as const];
    expect((await ask('GET', '/v1/server', headers)).status).toBe(status);
  });

  test('POST is 405, HTTP/1.0 is 426, and the answer to a wrong WebSocket version names the right one', async () => {
    expect((await ask('POST', '/v1/server', handshake(binaryHeaders('x')))).status).toBe(405);
    expect((await ask('GET', '/v1/server', handshake(binaryHeaders('x')), '1.0')).status).toBe(426);
    const headers = [...without(handshake(binaryHeaders('x')), 'Sec-WebSocket-Version')];
    const answer = await ask('GET', '/v1/server', headers);
    expect(answer.status).toBe(400);
    expect(answer.head).toMatch(/sec-websocket-version: 13/i);
  });

  test.each(['https://example.org', 'null', '', '%zz', 'http://a b', 'http://[::1', ':', '\u00ff'])(
    'any Origin is accepted, URL or not: %j',
    async (origin) => {
      const headers = [...handshake(binaryHeaders(relay.peers.serverId())), ['Origin', origin] as const];
      expect((await ask('GET', '/v1/server', headers)).status).toBe(101);
    },
  );

  test('compression and subprotocols are always declined', async () => {
    const answer = await ask('GET', '/v1/server', [
      ...handshake(binaryHeaders(relay.peers.serverId())),
      ['Sec-WebSocket-Extensions', 'permessage-deflate; client_max_window_bits'],
      ['Sec-WebSocket-Protocol', 'a, b'],
    ]);
    expect(answer.status).toBe(101);
    expect(answer.head).not.toMatch(/sec-websocket-(extensions|protocol)/i);
    const odd = [
      ...handshake(binaryHeaders(relay.peers.serverId())),
      ['Sec-WebSocket-Protocol', 'a,,a'] as const,
    ];
    expect((await ask('GET', '/v1/server', odd)).status).toBe(101);
  });

  test('a compressed frame is a protocol error, 1002', async () => {
    const raw = await new RawSocket(relay.port).upgrade('/v1/server', binaryHeaders(relay.peers.serverId()));
    raw.send('{}', { rsv1: true });
    expect(await raw.closeCode()).toBe(1002);
    raw.destroy();
  });

  test('the relay sends nothing on connect', async () => {
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const phone = await relay.peers.phone(serverId);
    await Promise.all([phone.roundTrip(), binary.roundTrip()]);
    expect(phone.inbox.size + binary.inbox.size).toBe(0);
  });
});

describe('U4: refusals are close codes after the upgrade', () => {
  test('TestClientEndpoint_NoBinary: 4404', async () => {
    const serverId = relay.peers.serverId();
    const phone = await relay.peers.phone(serverId);
    expect(await phone.closed).toEqual({ code: 4404, reason: 'no server with that id' });
    const line = await relay.logged('phone_register_no_server', { server_id: serverId });
    expect(Object.keys(line.fields).toSorted()).toEqual(['remote', 'server_id']);
    expect(line.fields['remote']).toBe('127.0.0.1');
  });

  test('TestServerEndpoint_DuplicateClaim_4409: the incumbent keeps its server-id and phones', async () => {
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const { phone, connId } = await relay.peers.knownPhone(serverId, binary);
    const second = await relay.peers.dialBinary(serverId).open();
    expect(await second.closed).toEqual({ code: 4409, reason: 'server-id already claimed' });
    binary.send(JSON.stringify({ conn_id: connId, frame: 'still here' }));
    expect(await phone.next()).toBe('"still here"');
    const line = await relay.logged('server_id_conflict', { server_id: serverId });
    expect(Object.keys(line.fields).toSorted()).toEqual(['remote', 'server_id']);
  });

  test('seed 5, TestClientEndpoint_AtCap: the 17th phone gets 4429 and the 16 stay', async () => {
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const phones = [];
    for (let i = 0; i < 16; i++) phones.push(await relay.peers.knownPhone(serverId, binary));
    const refused = await relay.peers.phone(serverId);
    expect(await refused.closed).toEqual({ code: 4429, reason: 'too many phones for server-id' });
    const line = await relay.logged('phone_register_at_cap', { server_id: serverId });
    expect(Object.keys(line.fields).toSorted()).toEqual(['remote', 'server_id']);
    for (const { phone, connId } of phones) {
      binary.send(JSON.stringify({ conn_id: connId, frame: connId }));
      expect(await phone.next()).toBe(JSON.stringify(connId));
    }
    // A refused phone causes no close notice, so the next envelope is about an admitted phone.
    await phones[3]?.phone.close(1000);
    expect(await binary.nextEnvelope()).toEqual({ conn_id: phones[3]?.connId, close_code: 1000 });
    await relay.peers.knownPhone(serverId, binary);
  });
});

test('U5: an upgrade is answered though the peer sends nothing behind it', async () => {
  await relay.peers.binary(relay.peers.serverId());
});

describe('U7: /healthz', () => {
  test('has the specified keys, key order and headers', async () => {
    const raw = await ask('GET', '/healthz', []);
    expect(raw.status).toBe(200);
    expect(raw.head).toMatch(/content-type: application\/json; charset=utf-8/i);
    expect(raw.head).toMatch(/cache-control: no-store/i);
    expect(raw.body).toMatch(
      /^\{"status":"ok","version":"[^"]+","connected_binaries":\d+,"connected_phones":\d+,"uptime_seconds":\d+\}$/,
    );
    expect(raw.body.length).toBeLessThan(200);
  });

  test.each(['POST', 'PUT', 'OPTIONS'])('also answers %s', async (method) => {
    expect((await ask(method, '/healthz', [])).status).toBe(200);
  });

  test('answers an upgrade as a plain request', async () => {
    expect((await ask('GET', '/healthz', handshake(binaryHeaders('x')))).status).toBe(200);
  });
});

test('TestHTTPServerReadHeaderTimeoutClosesSlowPeer: a request head must be complete within 5 s', async () => {
  const raw = new RawSocket(relay.port);
  const startedAt = performance.now();
  raw.write('GET /healthz HTTP/1.1\r\nHost: rel');
  await raw.ended;
  expect(performance.now() - startedAt).toBeGreaterThan(4_500);
  raw.destroy();
});
