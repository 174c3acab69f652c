/** Section 6 of the specification: names, labels, and cells at 0 from the start. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { phoneHeaders } from '../support/peer.ts';
import { clientFrame, RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
afterEach(() => relay.dispose());

test('a default metrics port gives way to a listener of the relay itself', async () => {
  // Nobody else binds this address, so the port stays free.
  const host = '127.9.8.7';
  const probe = createServer().listen(0, host);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo; // It listens on TCP.
  await new Promise((resolve) => probe.close(resolve));
  const at = { host, port };
  relay = await TestRelay.start({ insecureListen: at, metricsListen: at, metricsMayFail: true });
  expect(relay.events('metrics listener left out')).toHaveLength(1);
});

const scrape = async (path = ''): Promise<Response> => await fetch(`${relay.metricsUrl}${path}`);

describe('/metrics', () => {
  test('every metric of section 6 starts at 0', async () => {
    relay = await TestRelay.start();
    const response = await scrape();
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    const text = await response.text();
    const cells = [
      'pyrycode_relay_connected_binaries 0',
      'pyrycode_relay_connected_phones 0',
      'pyrycode_relay_grace_expiries_total 0',
      'pyrycode_relay_frames_forwarded_total{direction="phone_to_binary"} 0',
      'pyrycode_relay_frames_forwarded_total{direction="binary_to_phone"} 0',
      ...['server', 'client'].flatMap((endpoint) =>
        [
          'accept',
          'reject_headers',
          'reject_409',
          'reject_404',
          'reject_429',
          'reject_1008',
          'reject_rate_limit',
        ].map(
          (outcome) =>
            `pyrycode_relay_ws_upgrade_attempts_total{endpoint="${endpoint}",outcome="${outcome}"} 0`,
        ),
      ),
      ...['no_server', 'server_in_use', 'phones_at_cap', 'ratelimit'].map(
        (kind) => `pyrycode_relay_register_failures_total{kind="${kind}"} 0`,
      ),
      ...['sent', 'unregistered', 'send_failed', 'token_fetch_failed', 'dropped'].map(
        (outcome) => `pyrycode_relay_push_wakes_total{outcome="${outcome}"} 0`,
      ),
      'promhttp_metric_handler_errors_total{cause="gathering"} 0',
      'promhttp_metric_handler_errors_total{cause="encoding"} 0',
    ];
    const lines = text.split('\n');
    for (const cell of cells) expect(lines).toContain(cell);
  });

  test('any other path is 404', async () => {
    relay = await TestRelay.start();
    expect((await scrape('/x')).status).toBe(404);
    expect((await fetch(relay.metricsUrl.replace('/metrics', '/'))).status).toBe(404);
  });

  test('counters of the same event agree, and gauges exclude grace', async () => {
    relay = await TestRelay.start({ maxPhones: 1, graceMs: 60_000 });
    const serverId = relay.peers.serverId();
    await (await relay.peers.phone(serverId)).closed;
    const binary = await relay.peers.binary(serverId);
    const { phone, connId } = await relay.peers.knownPhone(serverId, binary);
    await (await relay.peers.phone(serverId)).closed;
    binary.send(`{"conn_id":"${connId}","frame":1}`);
    await phone.next();
    const expected: [string, number][] = [
      ['ws_upgrade_attempts_total{endpoint="client",outcome="reject_404"}', 1],
      ['register_failures_total{kind="no_server"}', 1],
      ['ws_upgrade_attempts_total{endpoint="client",outcome="reject_429"}', 1],
      ['register_failures_total{kind="phones_at_cap"}', 1],
      ['ws_upgrade_attempts_total{endpoint="client",outcome="accept"}', 1],
      ['ws_upgrade_attempts_total{endpoint="server",outcome="accept"}', 1],
      ['frames_forwarded_total{direction="phone_to_binary"}', 1],
      ['frames_forwarded_total{direction="binary_to_phone"}', 1],
      ['connected_binaries', 1],
      ['connected_phones', 1],
    ];
    for (const [cell, value] of expected) expect([cell, await relay.metric(cell)]).toEqual([cell, value]);
    binary.ws.close();
    await relay.logged('server_released');
    expect(await relay.metric('connected_binaries')).toBe(0);
    expect(await relay.metric('connected_phones')).toBe(1);
  });
});

test('a notice does not count as a forwarded frame', async () => {
  relay = await TestRelay.start();
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const { phone } = await relay.peers.knownPhone(serverId, binary);
  await phone.close(1000);
  expect(await binary.nextEnvelope()).toMatchObject({ close_code: 1000 });
  expect(await relay.metric('frames_forwarded_total{direction="phone_to_binary"}')).toBe(1);
  expect(await relay.metric('close_notices_total{outcome="sent"}')).toBe(1);
});

describe('accepts and ends pair', () => {
  test('a claimant that was never admitted is neither an accept nor an end', async () => {
    relay = await TestRelay.start({ probeTimeoutMs: 60_000 });
    const serverId = relay.peers.serverId();
    const holder = await relay.peers.binary(serverId, { autoPong: false });
    const probed = new Promise((resolve) => holder.ws.once('ping', resolve));
    const claimant = await relay.peers.dialBinary(serverId).open();
    await probed;
    await claimant.close(1000);
    // The line is empty again, so the next claim probes anew.
    const probedAgain = new Promise((resolve) => holder.ws.once('ping', resolve));
    await relay.peers.dialBinary(serverId).open();
    await probedAgain;
    expect(await relay.metric('ws_upgrade_attempts_total{endpoint="server",outcome="accept"}')).toBe(1);
    expect(await relay.metric('connections_left_total{role="binary",cause="peer"}')).toBe(0);
    expect(await relay.metric('connected_binaries')).toBe(1);
  });
});

test('a frame that is cut with its socket is not counted as forwarded', async () => {
  relay = await TestRelay.start({ messageTimeoutMs: 1_000, phoneBacklogBytes: 64 * 1024 * 1024 });
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const raw = await new RawSocket(relay.port).upgrade('/v1/client', phoneHeaders(serverId));
  raw.send('"hello"');
  const { conn_id: connId } = await binary.nextEnvelope();
  raw.socket.pause();
  const frame = `{"conn_id":"${connId}","frame":"${'x'.repeat(60_000)}"}`;
  for (let i = 0; i < 300; i++) binary.send(frame);
  await binary.roundTrip();
  // Half a message: its deadline passes, and TCP is cut during a write.
  raw.write(clientFrame('"never ends"').subarray(0, 8));
  const cell = 'frames_forwarded_total{direction="binary_to_phone"}';
  let before = await relay.metric(cell);
  while (relay.events('message_timeout').length === 0) before = await relay.metric(cell);
  await relay.logged('phone_unregistered', { conn_id: connId });
  expect(await relay.metric(cell)).toBe(before);
  raw.destroy();
});
