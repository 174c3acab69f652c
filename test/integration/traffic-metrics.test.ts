/** What the metrics say of traffic, closes, claims, pauses, actors and reloads. */
import { afterEach, expect, test } from 'vitest';
import { SAMPLED_FRAMES } from '../../src/protocol/limits.ts';
import { phoneHeaders } from '../support/peer.ts';
import { clientFrame, RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
afterEach(() => relay.dispose());

const metric = async (cell: string): Promise<number> => (await relay.metric(cell)) ?? Number.NaN;

/** Reads it until it is at least `least`: what a peer sees can be ahead of what the relay has counted. */
const reaches = async (cell: string, least: number): Promise<number> => {
  for (;;) {
    const value = await metric(cell);
    if (value >= least || Number.isNaN(value)) return value;
  }
};

test('bytes are counted in both directions, and one frame of many is measured in each', async () => {
  relay = await TestRelay.start();
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const { phone, connId } = await relay.peers.knownPhone(serverId, binary);
  const body = `"${'x'.repeat(998)}"`;
  // The hello was the first.
  const rounds = SAMPLED_FRAMES;
  for (let i = 0; i < rounds; i++) {
    phone.send(body);
    await binary.next();
    binary.send(`{"conn_id":"${connId}","frame":${body}}`);
    await phone.next();
  }
  const [up, down] = ['{direction="phone_to_binary"}', '{direction="binary_to_phone"}'];
  await reaches(`frames_forwarded_total${down}`, rounds);
  const envelopeBytes = `{"conn_id":"${connId}","frame":}`.length;
  // A WebSocket header of 4 bytes; the hello and its envelope besides.
  const hello = 2 + '"hello"'.length + envelopeBytes;
  expect(await metric(`bytes_forwarded_total${down}`)).toBe(rounds * (4 + 1_000));
  expect(await metric(`bytes_forwarded_total${up}`)).toBe(rounds * (4 + envelopeBytes + 1_000) + hello);
  expect(await metric('bytes_received_total{role="phone"}')).toBeGreaterThan(rounds * 1_000);
  expect(await metric('bytes_received_total{role="binary"}')).toBeGreaterThan(rounds * 1_000);
  for (const direction of [up, down]) {
    expect(await metric(`frame_size_bytes_count${direction}`)).toBe(1);
    expect(await metric(`frame_size_bytes_sum${direction}`)).toBe(1_000);
    expect(await metric(`forwarding_seconds_count${direction}`)).toBe(1);
  }
  expect(await metric('event_loop_delay_seconds_count')).toBeGreaterThan(0);
});

test('close codes are counted both ways, and those that nobody has agreed on together', async () => {
  relay = await TestRelay.start();
  const [phones, binaries] = ['role="phone"', 'role="binary"'];
  const serverId = relay.peers.serverId();
  await (await relay.peers.phone(serverId)).closed;
  expect(await metric(`close_codes_total{way="out",${phones},code="4404"}`)).toBe(1);
  expect(await reaches(`close_codes_total{way="in",${phones},code="4404"}`, 1)).toBe(1);

  const binary = await relay.peers.binary(serverId);
  for (const code of [3999, 4998, 1000]) await (await relay.peers.phone(serverId)).close(code);
  expect(await reaches(`close_codes_total{way="in",${phones},code="1000"}`, 1)).toBe(1);
  expect(await metric(`close_codes_total{way="in",${phones},code="other"}`)).toBe(2);
  expect(await metric(`close_codes_total{way="out",${phones},code="1000"}`)).toBe(0);

  const raw = await new RawSocket(relay.port).upgrade('/v1/client', phoneHeaders(serverId));
  const broken = clientFrame('"x"');
  broken[0] = 0xf1;
  raw.write(broken);
  expect(await reaches(`close_codes_total{way="out",${phones},code="1002"}`, 1)).toBe(1);
  raw.destroy();
  expect(await reaches(`close_codes_total{way="in",${phones},code="1006"}`, 1)).toBe(1);

  await binary.close();
  expect(await reaches(`close_codes_total{way="in",${binaries},code="1005"}`, 1)).toBe(1);
});

test('claims are counted by kind, and actors by state', async () => {
  relay = await TestRelay.start({ graceMs: 60_000, probeTimeoutMs: 50 });
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId, { autoPong: true });
  await relay.peers.knownPhone(serverId, binary);
  const actors = async (machine: string, state: string): Promise<number> =>
    await metric(`actors{machine="${machine}",state="${state}"}`);
  expect(await actors('relay', 'serving')).toBe(1);
  expect(await actors('server', 'claimed.held.live')).toBe(1);
  expect(await actors('server', 'claimed.grace')).toBe(0);
  expect(await actors('connection', 'open.fresh')).toBe(2);
  await binary.close(1000);
  await relay.logged('server_released');
  expect(await actors('server', 'claimed.grace')).toBe(1);
  expect(await metric('claims_total{kind="claim"}')).toBe(1);
  const silent = await relay.peers.binary(serverId, { autoPong: false });
  expect(await metric('claims_total{kind="reclaim"}')).toBe(1);
  silent.ws.pause();
  await relay.peers.dialBinary(serverId).open();
  await relay.logged('server_id_takeover');
  expect(await metric('claims_total{kind="takeover"}')).toBe(1);
});

test('paused phones are counted while they are paused, and their time afterwards', async () => {
  relay = await TestRelay.start();
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const { phone } = await relay.peers.knownPhone(serverId, binary);
  binary.ws.pause();
  for (let i = 0; i < 300; i++) phone.send(`"${'x'.repeat(80_000)}"`);
  expect(await reaches('paused_phones', 1)).toBe(1);
  expect(await metric('phone_paused_seconds_total')).toBe(0);
  expect(await metric('closing_queued_bytes')).toBe(0);
  binary.ws.resume();
  for (let i = 0; i < 300; i++) await binary.next();
  expect(await reaches('phone_paused_seconds_total', Number.MIN_VALUE)).toBeGreaterThan(0);
  expect(await metric('paused_phones')).toBe(0);
});

test('reloads are counted by outcome', async () => {
  relay = await TestRelay.start();
  expect(await metric('reloads_total{outcome="applied"}')).toBe(0);
  await relay.reload({ maxServerIds: 5 });
  await expect(relay.reload({ rateBurst: -1 })).rejects.toThrow();
  await expect(relay.reload({ binaryTokens: '/nowhere' })).rejects.toThrow();
  expect(await metric('reloads_total{outcome="applied"}')).toBe(1);
  expect(await metric('reloads_total{outcome="refused"}')).toBe(2);
});

test('the versions are those that run, and the process has its usual names', async () => {
  relay = await TestRelay.start();
  const text = await (await fetch(relay.metricsUrl)).text();
  expect(text).toMatch(
    /^pyrycode_relay_build_info\{version="dev",node="\d+\.\d+\.\d+",xstate="5\.\d+\.\d+",ws="8\.\d+\.\d+"\} 1$/m,
  );
  for (const name of [
    'process_open_fds',
    'process_max_fds',
    'process_cpu_seconds_total',
    'nodejs_heap_size_used_bytes',
  ])
    expect(text).toMatch(new RegExp(`^${name} [1-9]`, 'm'));
});
