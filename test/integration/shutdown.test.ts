/** Section 5 of the specification and L7: a real process and real signals. */
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { binaryHeaders, Peers, phoneHeaders } from '../support/peer.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { RelayProcess } from '../support/relay-process.ts';

let relay: RelayProcess;
const peers = new Peers(() => relay.url);
afterEach(() => {
  peers.dispose();
  relay.kill();
});

const portOf = (): number => Number(new URL(relay.url.replace('ws:', 'http:')).port);

describe('TestRun_SigtermClosesWSConnsWithGoingAway', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s: every peer gets 1001, the port is closed, and the process exits 0',
    async (signal) => {
      relay = await RelayProcess.start();
      const serverId = peers.serverId();
      const binary = await peers.binary(serverId);
      const phone = await peers.phone(serverId);
      const port = portOf();
      const exited = relay.stop(signal);
      const goingAway = { code: 1001, reason: 'shutting down' };
      expect(await Promise.all([binary.closed, phone.closed])).toEqual([goingAway, goingAway]);
      expect(await exited).toBe(0);
      expect(relay.lines.map(({ msg }) => msg)).toContain('shutdown signal received; draining');
      expect(relay.lines.at(-1)).toMatchObject({ level: 'info', msg: 'shutdown complete' });
      await expect(
        new Promise((resolve, reject) =>
          connect(port, '127.0.0.1').on('connect', resolve).on('error', reject),
        ),
      ).rejects.toThrow('ECONNREFUSED');
    },
  );

  test('…_WithNoConns: the process exits 0 without waiting for its deadline', async () => {
    relay = await RelayProcess.start();
    expect(await relay.stop()).toBe(0);
    expect(relay.count('drain incomplete')).toBe(0);
  });

  test('a claimant in line gets 1001 too', async () => {
    relay = await RelayProcess.start(['--probe-timeout', '60s']);
    const serverId = peers.serverId();
    const incumbent = await peers.binary(serverId, { autoPong: false });
    const newcomer = await peers.dialBinary(serverId).open();
    const exited = relay.stop();
    expect((await newcomer.closed).code).toBe(1001);
    expect((await incumbent.closed).code).toBe(1001);
    expect(await exited).toBe(0);
  });

  test('phones of a binary in grace get 1001', async () => {
    relay = await RelayProcess.start(['--grace', '60s']);
    const serverId = peers.serverId();
    const binary = await peers.binary(serverId);
    const phone = await peers.phone(serverId);
    binary.ws.close();
    await relay.logged('server_released');
    const exited = relay.stop();
    expect((await phone.closed).code).toBe(1001);
    expect(await exited).toBe(0);
  });
});

test('frames queued for a phone are sent before its 1001', async () => {
  relay = await RelayProcess.start(['--phone-backlog-bytes', '64MiB']);
  const serverId = peers.serverId();
  const binary = await peers.binary(serverId);
  const { phone, connId } = await peers.knownPhone(serverId, binary);
  const neighbour = await peers.knownPhone(serverId, binary);
  phone.ws.pause();
  const frames = 300;
  for (let i = 0; i < frames; i++) binary.send(`{"conn_id":"${connId}","frame":"${i}${'x'.repeat(60_000)}"}`);
  // Sent last on the same connection: once it has arrived, the relay has read all frames before it.
  binary.send(`{"conn_id":"${neighbour.connId}","frame":"read"}`);
  await neighbour.phone.next();
  const exited = relay.stop();
  await relay.logged('shutdown signal received; draining');
  phone.ws.resume();
  expect(await phone.inbox.take(frames)).toHaveLength(frames);
  expect((await phone.closed).code).toBe(1001);
  expect(await exited).toBe(0);
});

describe('a shutdown that is not at once', () => {
  test('with --drain-delay, peers come and go as before until it has passed', async () => {
    relay = await RelayProcess.start(['--drain-delay', '3s']);
    const serverId = peers.serverId();
    const binary = await peers.binary(serverId);
    const exited = relay.stop();
    await relay.logged('shutdown signal received; draining');
    const { phone, connId } = await peers.knownPhone(serverId, binary);
    binary.send(`{"conn_id":"${connId}","frame":"still here"}`);
    expect(await phone.next()).toBe('"still here"');
    expect((await phone.closed).code).toBe(1001);
    expect((await binary.closed).code).toBe(1001);
    expect(await exited).toBe(0);
  });

  test('with --drain-spread, server-ids are closed one after the other', async () => {
    relay = await RelayProcess.start(['--drain-spread', '600ms']);
    const closed: string[] = [];
    const serverIds = Array.from({ length: 6 }, () => peers.serverId());
    for (const serverId of serverIds) {
      const binary = await peers.binary(serverId);
      const phone = await peers.phone(serverId);
      for (const { closed: end } of [phone, binary])
        void end.then(({ code, reason }) => closed.push(`${serverId} ${code} ${reason}`));
    }
    expect(await relay.stop()).toBe(0);
    const expected = serverIds.map((serverId) => `${serverId} 1001 shutting down`);
    expect(closed).toEqual(expected.flatMap((line) => [line, line]));
  });

  test('with --drain-spread, a server-id whose turn has not come is served, dials too', async () => {
    relay = await RelayProcess.start(['--drain-spread', '6s']);
    const [first, last] = [peers.serverId(), peers.serverId()];
    const gone = await peers.binary(first);
    const binary = await peers.binary(last);
    const exited = relay.stop();
    expect((await gone.closed).code).toBe(1001);
    const { phone, connId } = await peers.knownPhone(last, binary);
    binary.send(`{"conn_id":"${connId}","frame":"still here"}`);
    expect(await phone.next()).toBe('"still here"');
    expect((await peers.dialBinary(first).closed).code).toBe(1001);
    expect((await phone.closed).code).toBe(1001);
    expect(await exited).toBe(0);
  });

  test('metrics are served until the end', async () => {
    relay = await RelayProcess.start(['--drain-deadline', '3s']);
    const mute = await new RawSocket(portOf()).upgrade('/v1/server', binaryHeaders(peers.serverId()));
    const exited = relay.stop();
    await relay.logged('shutdown signal received; draining');
    expect((await fetch(relay.metricsUrl)).status).toBe(200);
    expect(await exited).toBe(0);
    mute.destroy();
  });
});

describe('TestShutdown_*: the drain deadline', () => {
  test('cuts a peer that reads nothing and one that never answers the close', async () => {
    relay = await RelayProcess.start(['--drain-deadline', '1s', '--phone-backlog-bytes', '64MiB']);
    const serverId = peers.serverId();
    const binary = await peers.binary(serverId);
    const { phone, connId } = await peers.knownPhone(serverId, binary);
    phone.ws.pause();
    for (let i = 0; i < 300; i++) binary.send(`{"conn_id":"${connId}","frame":"${'x'.repeat(60_000)}"}`);
    const mute = await new RawSocket(portOf()).upgrade('/v1/client', phoneHeaders(serverId));
    const startedAt = performance.now();
    expect(await relay.stop()).toBe(0);
    expect(performance.now() - startedAt).toBeGreaterThan(900);
    expect(relay.count('drain incomplete')).toBe(1);
    mute.destroy();
  });

  test('half an HTTP request does not delay the shutdown', async () => {
    relay = await RelayProcess.start();
    const half = new RawSocket(portOf());
    half.write('GET /healthz HT');
    await relay.health();
    expect(await relay.stop()).toBe(0);
    expect(relay.count('drain incomplete')).toBe(0);
    // Node answers 408 to a request head that it has waited for.
    expect(half.received.toString()).toBe('');
    half.destroy();
  });
});
