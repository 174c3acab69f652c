/** Who gets in, over real sockets: addresses, the rate, the caps and their answers. */
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { maxUnfinished } from '../../src/admission/default-connections.ts';
import { descriptorLimit, memoryLimitBytes } from '../../src/machine-limits.ts';
import { binaryHeaders, Peer, phoneHeaders } from '../support/peer.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
afterEach(() => relay.dispose());

const client = (serverId: string) => ['/v1/client', phoneHeaders(serverId)] as const;
const server = (serverId: string) => ['/v1/server', binaryHeaders(serverId)] as const;

/** Dials from this address of this machine. */
const from = (localAddress: string, serverId: string, headers: Readonly<Record<string, string>> = {}): Peer =>
  relay.peers.dial('/v1/client', { ...phoneHeaders(serverId), ...headers }, { localAddress });

const statusesOf = async (dials: readonly Peer[]): Promise<number[]> =>
  await Promise.all(dials.map(async ({ status }) => await status));

const request = async (path: string, headers: readonly (readonly [string, string])[] = []) => {
  const socket = new RawSocket(relay.port);
  socket.request('GET', path, headers);
  const answered = await socket.answer();
  socket.destroy();
  return answered;
};

const refusals = async (limit: string): Promise<number | undefined> =>
  await relay.metric(`admission_refusals_total{limit="${limit}"}`);

describe('the rate', () => {
  test('is one bucket for each address, over both endpoints, and says when to try again', async () => {
    relay = await TestRelay.start({ rateBurst: 3, rateEveryMs: 3_600_000 });
    await relay.peers.binary('s');
    // Spent by whatever reaches an endpoint, also by what is refused then.
    expect((await request('/v1/server')).status).toBe(400);
    expect((await request('/v1/client', Object.entries(phoneHeaders('s')))).status).toBe(426);
    const refused = await request('/v1/client');
    expect(refused.status).toBe(429);
    expect(Number(/retry-after: (\d+)/i.exec(refused.head)?.[1])).toBeGreaterThan(3_500);
    expect(await from('127.0.0.1', 's').status).toBe(429);
    expect(await from('127.0.0.2', 's').status).toBe(101);
    expect((await request('/healthz')).status).toBe(200);
    expect((await request('/other')).status).toBe(404);

    expect(await refusals('rate')).toBe(2);
    expect(
      await relay.metric('ws_upgrade_attempts_total{endpoint="client",outcome="reject_rate_limit"}'),
    ).toBe(2);
    expect(await relay.metric('register_failures_total{kind="ratelimit"}')).toBe(2);
    const lines = relay.events('rate_limited');
    expect(lines.map(({ level, fields }) => [level, fields])).toEqual([
      ['warn', { remote: '127.0.0.1', source: 'socket', path: '/v1/client' }],
    ]);
  });

  test('is off with a burst of 0', async () => {
    relay = await TestRelay.start({ rateBurst: 0 });
    for (let i = 0; i < 50; i++) expect((await request('/v1/client')).status).toBe(400);
  });
});

describe('the address', () => {
  const FORWARDED = { 'X-Forwarded-For': '1.1.1.1, 198.51.100.7, 127.0.0.9' };

  test('behind trusted proxies is the first that is not one, in every line and for every limit', async () => {
    relay = await TestRelay.start({ trustedProxies: ['loopback'], rateBurst: 1, rateEveryMs: 3_600_000 });
    expect(await from('127.0.0.1', 's', FORWARDED).status).toBe(101);
    expect((await relay.logged('phone_register_no_server')).fields['remote']).toBe('198.51.100.7');
    expect(await from('127.0.0.2', 's', FORWARDED).status).toBe(429);
    const { fields } = await relay.logged('rate_limited');
    expect([fields['remote'], fields['source']]).toEqual(['198.51.100.7', 'x_forwarded_for']);
    expect(await from('127.0.0.1', 's', { 'X-Forwarded-For': '198.51.100.8' }).status).toBe(101);
    // Refused before an endpoint is known, and by its headers.
    await request('/v1/client', [...Object.entries(FORWARDED), ['Content-Length', '5']]);
    expect((await relay.logged('request_refused')).fields['remote']).toBe('198.51.100.7');
  });

  test('of a header that nobody was told to trust is ignored', async () => {
    relay = await TestRelay.start({ trustedProxies: ['10.0.0.0/8'] });
    expect(await from('127.0.0.1', 's', FORWARDED).status).toBe(101);
    expect((await relay.logged('phone_register_no_server')).fields['remote']).toBe('127.0.0.1');
    expect(relay.events('addresses can be forged')).toEqual([]);
  });

  test('is the left-most one if everybody is trusted, and a line at the start warns of it', async () => {
    relay = await TestRelay.start({ trustXForwardedFor: true });
    expect(relay.events('addresses can be forged').map(({ level }) => level)).toEqual(['warn']);
    expect(await from('127.0.0.1', 's', FORWARDED).status).toBe(101);
    expect((await relay.logged('phone_register_no_server')).fields['remote']).toBe('1.1.1.1');
  });

  test.each(['0.0.0.0/0', '::/0'])(
    "with %s among the proxies is anyone's choice, and a line at the start warns of it",
    async (all) => {
      relay = await TestRelay.start({ trustedProxies: ['loopback', all] });
      expect(relay.events('addresses can be forged').map(({ fields }) => fields)).toEqual([
        { err: '--trusted-proxy has a network of length 0, so it believes anyone' },
      ]);
    },
  );

  test('of an IPv6 subscriber is one for his whole network', async () => {
    relay = await TestRelay.start({ trustedProxies: ['loopback'], rateBurst: 1, rateEveryMs: 3_600_000 });
    const dial = (address: string): Peer => from('127.0.0.1', 's', { 'X-Forwarded-For': address });
    expect(await dial('2001:db8:1:2::1').status).toBe(101);
    expect(await dial('[2001:db8:1:2:ffff::9]:4711').status).toBe(429);
    expect(await dial('2001:db8:1:3::1').status).toBe(101);
  });
});

describe('the places', () => {
  test('are as many as told; some are kept for each role; one is free when a socket has closed', async () => {
    relay = await TestRelay.start({ maxConnections: 4, reservedBinaries: 25, reservedPhones: 25 });
    await relay.peers.binary('s');
    const phones = Array.from({ length: 3 }, (_, i) => from(`127.0.0.${i + 2}`, 's'));
    expect(await statusesOf(phones)).toEqual([101, 101, 101]);
    const full = await request('/v1/client');
    expect([full.status, full.head]).toEqual([503, expect.stringMatching(/retry-after: (1\d|20)\r/i)]);
    expect(full.body).not.toMatch(/\b4\b/);
    expect((await request('/healthz')).status).toBe(200);
    expect(await refusals('max_connections')).toBe(1);
    expect((await relay.logged('conn_cap_reached')).fields).toEqual({
      limit: 'max_connections',
      remote: '127.0.0.1',
      source: 'socket',
      path: '/v1/client',
    });
    expect(await relay.metric('unfinished_connections')).toBe(0);
    expect(await relay.metric('connections{role="phone"}')).toBe(3);
    expect(await relay.metric('connections{role="binary"}')).toBe(1);
    expect(await relay.metric('max_connections')).toBe(4);
    await phones[0]?.close();
    await relay.logged('phone_unregistered');
    expect(await from('127.0.0.2', 's').status).toBe(101);
  });

  test('a flood of phones leaves some to binaries', async () => {
    relay = await TestRelay.start({ maxConnections: 20 });
    await relay.peers.binary('s');
    const statuses = await statusesOf(Array.from({ length: 30 }, () => relay.peers.dial(...client('s'))));
    expect(statuses).toContain(503);
    expect(await refusals('reserved')).toBeGreaterThan(0);
    expect((await relay.logged('conn_cap_reached', { limit: 'reserved' })).fields).toMatchObject({
      remote: '127.0.0.1',
      source: 'socket',
    });
    expect(await relay.peers.dial(...server('t')).status).toBe(101);
  });

  test('a flood of binaries leaves some to phones', async () => {
    relay = await TestRelay.start({ maxConnections: 20 });
    const statuses = await statusesOf(
      Array.from({ length: 30 }, (_, i) => relay.peers.dial(...server(`s${i}`))),
    );
    expect(statuses.filter((status) => status === 101)).toHaveLength(18);
    expect(await refusals('reserved')).toBe(12);
    expect(await relay.peers.dial(...client('s1')).status).toBe(101);
  });

  test('of one address are bounded if told so', async () => {
    relay = await TestRelay.start({ maxConnectionsPerIp: 1 });
    await relay.peers.binary('s');
    expect(await from('127.0.0.1', 's').status).toBe(429);
    expect((await relay.logged('conn_cap_reached')).fields).toEqual({
      limit: 'max_connections_per_ip',
      remote: '127.0.0.1',
      source: 'socket',
      path: '/v1/client',
    });
    expect(await refusals('max_connections_per_ip')).toBe(1);
    expect(await from('127.0.0.2', 's').status).toBe(101);
  });

  test('a request that is refused gives its place back', async () => {
    relay = await TestRelay.start({ maxConnections: 1 });
    for (let i = 0; i < 20; i++) {
      const socket = new RawSocket(relay.port);
      socket.request('GET', '/v1/client', []);
      expect((await socket.answer()).status).toBe(400);
      await socket.ended;
    }
  });

  test('are derived from the machine without a flag, and the log says how', async () => {
    relay = await TestRelay.start();
    const { fields } = await relay.logged('connection limit');
    expect(fields['max_connections']).toBeGreaterThan(10);
    expect(fields['reason']).toMatch(/^\d+ % of /);
  });
});

describe('what has not finished', () => {
  test('a flood of half-open dials costs nobody else anything', async () => {
    relay = await TestRelay.start();
    const binary = await relay.peers.binary('s');
    await relay.peers.binary('t');
    const { phone } = await relay.peers.knownPhone('s', binary);
    const sockets = [];
    // Both ends are in this process.
    const dials = Math.min(10_000, Math.floor((descriptorLimit() ?? 10_000) / 2));
    for (let i = 0; i < dials; i++) {
      const socket = connect({
        port: relay.port,
        host: '127.0.0.1',
        localAddress: `127.1.${i % 250}.${(i >> 8) + 1}`,
      });
      socket.on('error', () => {});
      socket.write('GET /v1/client HTTP/1.1\r\n');
      sockets.push(socket);
      if (i % 500 !== 499) continue;
      phone.send('"still there"');
      expect((await binary.nextEnvelope()).frame).toBe('still there');
      await relay.peers.phone('t').then(async (late) => await late.close());
    }
    const bound = maxUnfinished({ memoryBytes: memoryLimitBytes(), descriptors: descriptorLimit() }, 3);
    expect(await relay.metric('unfinished_connections')).toBeLessThanOrEqual(bound);
    // On a slow machine some are late before they are too many.
    const late = await relay.metric('http_requests_refused_total{listener="public",reason="timeout"}');
    const tooMany = await refusals('unfinished');
    expect((late ?? 0) + (tooMany ?? 0)).toBeGreaterThanOrEqual(dials - bound);
    for (const socket of sockets) socket.destroy();
  });
});
