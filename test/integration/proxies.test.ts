/** Behind real proxies, with the configurations that docs/operating.md offers. */
import { afterEach, describe, expect, test } from 'vitest';
import type { RelayOptions } from '../../src/relay.ts';
import { makeCertificate } from '../support/certificates.ts';
import { binaryHeaders, type Headers, Peers, phoneHeaders } from '../support/peer.ts';
import { installed, type ProxyProgram, RealProxy, type Replacements } from '../support/proxies.ts';
import { TestRelay } from '../support/relay.ts';
import { SlowLink } from '../support/slow-link.ts';

interface Way {
  readonly program: ProxyProgram;
  readonly example: string;
  readonly relay: RelayOptions;
  /** Where the client's address comes from. */
  readonly source: 'x_forwarded_for' | 'proxy_protocol';
  /** Its timeout for quiet connections, and a shorter one. */
  readonly short: Replacements;
}

const certificate = makeCertificate();
const AT = { host: '127.0.0.1', port: 0 };
const TUNNEL: Replacements = [['timeout tunnel 90s', 'timeout tunnel 2s']];

const BEHIND_HEADERS: Way = {
  program: 'haproxy',
  example: 'haproxy-tcp.cfg',
  relay: { insecureListen: AT, proxyProtocol: true },
  source: 'proxy_protocol',
  short: TUNNEL,
};

const WAYS: readonly Way[] = [
  {
    program: 'nginx',
    example: 'nginx.conf',
    relay: { insecureListen: AT },
    source: 'x_forwarded_for',
    short: [
      ['proxy_read_timeout 90s', 'proxy_read_timeout 2s'],
      ['proxy_send_timeout 90s', 'proxy_send_timeout 2s'],
    ],
  },
  {
    program: 'haproxy',
    example: 'haproxy.cfg',
    relay: { insecureListen: AT },
    source: 'x_forwarded_for',
    short: TUNNEL,
  },
  {
    program: 'caddy',
    example: 'Caddyfile',
    relay: { insecureListen: AT },
    source: 'x_forwarded_for',
    // It lets a connection be quiet for ever.
    short: [],
  },
  BEHIND_HEADERS,
  {
    program: 'haproxy',
    example: 'haproxy-passthrough.cfg',
    relay: {
      httpsListen: AT,
      httpsProxyProtocol: true,
      tlsCert: certificate.certFile,
      tlsKey: certificate.keyFile,
    },
    source: 'proxy_protocol',
    short: TUNNEL,
  },
];

let relay: TestRelay | undefined;
let proxy: RealProxy | undefined;
let link: SlowLink | undefined;
/** Through the proxy. */
const peers = new Peers(() => proxy?.url ?? '');
afterEach(async () => {
  peers.dispose();
  link?.dispose();
  await proxy?.stop();
  await relay?.dispose();
  link = undefined;
  proxy = undefined;
  relay = undefined;
});

const start = async (way: Way, options: RelayOptions = {}, replacements: Replacements = []) => {
  // Not `loopback`, to which the clients of these tests belong.
  relay = await TestRelay.start({ ...way.relay, trustedProxies: ['127.0.0.1'], ...options });
  const { program, example } = way;
  proxy = await RealProxy.start({ program, example, relayPort: relay.port, certificate, replacements });
  return relay;
};

const ca = certificate.cert;

describe.each(WAYS)('behind $program with deploy/$example', (way) => {
  const run = test.skipIf(!installed[way.program]);

  run('frames and close codes pass both ways', async () => {
    await start(way);
    const serverId = peers.serverId();
    const binary = await peers.binary(serverId, { ca });
    const first = await peers.knownPhone(serverId, binary, { ca });
    binary.send(`{"conn_id":"${first.connId}","frame":"down"}`);
    expect(await first.phone.next()).toBe('"down"');
    binary.send(`{"conn_id":"${first.connId}","close_code":4401}`);
    expect((await first.phone.closed).code).toBe(4401);
    const second = await peers.knownPhone(serverId, binary, { ca });
    await second.phone.close(4002, 'bye');
    expect(await binary.nextEnvelope()).toEqual({ conn_id: second.connId, close_code: 4002 });
    const third = await peers.knownPhone(serverId, binary, { ca });
    await relay?.stop();
    for (const { closed } of [third.phone, binary]) expect((await closed).code).toBe(1001);
  });

  run('each client has its own address and its own rate, whatever it claims itself', async () => {
    const running = await start(way, { rateBurst: 1, rateEveryMs: 3_600_000 });
    const serverId = peers.serverId();
    const claim = { 'X-Forwarded-For': '198.51.100.1, 127.0.0.1' };
    const dial = (path: string, headers: Headers, localAddress: string) =>
      peers.dial(path, { ...headers, ...claim }, { ca, localAddress });
    await dial('/v1/server', binaryHeaders(serverId), '127.0.0.5').open();
    const claimed = await running.logged('server_claimed', { server_id: serverId });
    expect(claimed.fields['remote']).toBe('127.0.0.5');
    await dial('/v1/client', phoneHeaders(serverId), '127.0.0.6').open();
    const registered = await running.logged('phone_registered', { server_id: serverId });
    expect(registered.fields['remote']).toBe('127.0.0.6');
    expect(await dial('/v1/client', phoneHeaders(serverId), '127.0.0.6').status).toBe(429);
    const { fields } = await running.logged('rate_limited');
    expect(fields).toEqual({ remote: '127.0.0.6', source: way.source, path: '/v1/client' });
  });

  run('a proxy that is not trusted names nobody', async () => {
    const running = await start(way, { trustedProxies: ['192.0.2.1'] });
    const serverId = peers.serverId();
    const binary = peers.dialBinary(serverId, { ca, localAddress: '127.0.0.5' });
    const isServed = way.source === 'x_forwarded_for';
    const event = isServed ? 'server_claimed' : 'proxy_header_refused';
    await running.logged(event, { remote: '127.0.0.1' });
    if (isServed) await binary.open();
    else await expect(binary.status).rejects.toThrow();
  });

  run('heartbeats keep quiet connections open', async () => {
    await start(way, { heartbeatIntervalMs: 100 }, way.short);
    const serverId = peers.serverId();
    const binary = await peers.binary(serverId, { ca });
    const { phone, connId } = await peers.knownPhone(serverId, binary, { ca });
    // Twice as long as the proxy lets a connection be quiet.
    const pings = async ({ ws }: typeof phone): Promise<void> => {
      let count = 0;
      await new Promise<void>((resolve) => ws.on('ping', () => ++count === 40 && resolve()));
    };
    await Promise.all([pings(phone), pings(binary)]);
    phone.send('"still here"');
    expect(await binary.nextEnvelope()).toEqual({ conn_id: connId, frame: 'still here' });
  });

  run('an upload that takes longer than a heartbeat may, arrives whole and in order', async () => {
    await start(way, { heartbeatIntervalMs: 200, heartbeatTimeoutMs: 3_000 });
    link = await SlowLink.to(proxy?.port ?? 0, { upBytesPerSecond: 300_000 });
    const slow = new Peers(() => `wss:${link?.url.slice(link.url.indexOf('//'))}`);
    const serverId = peers.serverId();
    const binary = await peers.binary(serverId, { ca });
    const { phone, connId } = await slow.knownPhone(serverId, binary, { ca });
    const frames = Array.from({ length: 20 }, (_, i) => `${i}${'x'.repeat(90_000)}`);
    for (const frame of frames) phone.send(JSON.stringify(frame));
    for (const frame of frames) {
      const { conn_id, frame: arrived } = await binary.nextEnvelope();
      expect([conn_id, arrived === frame]).toEqual([connId, true]);
    }
    slow.dispose();
  });
});

describe.skipIf(!installed.haproxy)(
  'behind HAProxy with other PROXY headers than those of the example',
  () => {
    const startWith = async (sending: string) =>
      await start(BEHIND_HEADERS, {}, [['send-proxy-v2', sending]]);

    const passes = async (running: TestRelay): Promise<void> => {
      const serverId = peers.serverId();
      const binary = await peers.binary(serverId, { ca, localAddress: '127.0.0.5' });
      const claimed = await running.logged('server_claimed', { server_id: serverId });
      expect(claimed.fields['remote']).toBe('127.0.0.5');
      const { phone, connId } = await peers.knownPhone(serverId, binary, { ca });
      const long = `"${'x'.repeat(200_000)}"`;
      phone.send(long);
      expect(await binary.next()).toBe(`{"conn_id":"${connId}","frame":${long}}`);
    };

    test('TLVs behind the addresses are skipped', async () => {
      await passes(await startWith('send-proxy-v2-ssl-cn'));
    });

    test('health checks with LOCAL headers are refused and counted, and clients are served', async () => {
      const running = await startWith('send-proxy-v2 check check-send-proxy inter 100ms fall 1');
      const refused = async (kind: string) =>
        (await running.metric(`proxy_headers_refused_total{kind="${kind}"}`)) ?? 0;
      // HAProxy resets the connection behind its header, so most have ended before the header is read.
      while ((await refused('local')) + (await refused('ended')) < 5);
      await passes(running);
    });

    test('version 1 is refused, and the log says so', async () => {
      const running = await startWith('send-proxy');
      const binary = peers.dialBinary(peers.serverId(), { ca });
      await expect(binary.status).rejects.toThrow();
      expect((await running.logged('proxy_header_refused')).fields).toEqual({
        remote: '127.0.0.1',
        source: 'socket',
        err: 'v1',
      });
    });
  },
);
