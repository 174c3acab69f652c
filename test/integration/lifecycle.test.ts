/** Checklist L1 to L6 of clients.md over real sockets, and section 3 of the specification. */
import { afterEach, describe, expect, test } from 'vitest';
import { phoneHeaders } from '../support/peer.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
afterEach(() => relay.dispose());

const GRACE = { graceMs: 400 };
const LONG_GRACE = { graceMs: 60_000 };

/** Closes a binary and waits until its grace period has started. */
const leave = async (serverId: string, close: () => void): Promise<void> => {
  close();
  await relay.logged('server_released', { server_id: serverId });
};

describe('L1: conn ids', () => {
  test('each phone connection gets a new one of the specified form', async () => {
    relay = await TestRelay.start();
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const seen = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const { phone, connId } = await relay.peers.knownPhone(serverId, binary);
      expect(connId).toMatch(/^c-[0-9a-f]{16}$/);
      seen.add(connId);
      await phone.close(1000);
      expect(await binary.nextEnvelope()).toEqual({ conn_id: connId, close_code: 1000 });
    }
    expect(seen.size).toBe(40);
  });
});

describe('L2: grace', () => {
  test('TestServerEndpoint_PeerClose_SchedulesGraceRelease: idle phones stay and new ones are admitted', async () => {
    relay = await TestRelay.start(LONG_GRACE);
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const { phone } = await relay.peers.knownPhone(serverId, binary);
    await leave(serverId, () => binary.ws.close());
    const newcomer = await relay.peers.phone(serverId);
    await Promise.all([phone.roundTrip(), newcomer.roundTrip()]);
    expect(await relay.health()).toEqual({ binaries: 0, phones: 2 });
  });

  test('a phone that sends in grace is closed with 4404 at once, and its siblings stay', async () => {
    relay = await TestRelay.start(LONG_GRACE);
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const { phone, connId } = await relay.peers.knownPhone(serverId, binary);
    const sibling = await relay.peers.phone(serverId);
    await leave(serverId, () => binary.ws.terminate());
    phone.send('"anyone?"');
    expect(await phone.closed).toEqual({ code: 4404, reason: 'no server with that id' });
    const line = await relay.logged('phone_forwarder_no_binary', { server_id: serverId });
    expect(line.fields).toEqual({ server_id: serverId, conn_id: connId });
    await sibling.roundTrip();
  });

  test('TestServerEndpoint_ReleasesSlot: expiry closes the phones with 4404; phones then get 4404 and a claim succeeds', async () => {
    relay = await TestRelay.start(GRACE);
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const { phone } = await relay.peers.knownPhone(serverId, binary);
    await leave(serverId, () => binary.ws.close());
    expect(await phone.closed).toEqual({ code: 4404, reason: 'no server with that id' });
    await relay.logged('server_grace_expired', { server_id: serverId });
    expect(await relay.metric('grace_expiries_total')).toBe(1);
    const late = await relay.peers.phone(serverId);
    expect((await late.closed).code).toBe(4404);
    const again = await relay.peers.binary(serverId);
    await relay.peers.knownPhone(serverId, again);
  });

  test('a phone that leaves in grace is unregistered, and its notice is reported as lost', async () => {
    relay = await TestRelay.start(LONG_GRACE);
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const { phone, connId } = await relay.peers.knownPhone(serverId, binary);
    await leave(serverId, () => binary.ws.close());
    await phone.close(1000);
    const line = await relay.logged('phone_close_notice_send_failed', { server_id: serverId });
    expect(line.fields).toMatchObject({ conn_id: connId, close_code: 1000 });
    expect(await relay.health()).toEqual({ binaries: 0, phones: 0 });
  });
});

describe('L3: reclaim', () => {
  test('TestRun_ReclaimDuringGraceClosesPhoneWith4404: phones are closed and can redial, without a stray notice', async () => {
    relay = await TestRelay.start(GRACE);
    const serverId = relay.peers.serverId();
    const first = await relay.peers.binary(serverId);
    const { phone } = await relay.peers.knownPhone(serverId, first);
    await leave(serverId, () => first.ws.close());
    const second = await relay.peers.binary(serverId);
    expect(await phone.closed).toEqual({ code: 4404, reason: 'binary reclaimed server-id' });
    const { phone: redialled } = await relay.peers.knownPhone(serverId, second);
    // By then the timer of the first grace period would have expired.
    await new Promise((resolve) => setTimeout(resolve, GRACE.graceMs * 2));
    redialled.send('"still heard"');
    expect(await second.nextEnvelope()).toMatchObject({ frame: 'still heard' });
    expect(await relay.metric('grace_expiries_total')).toBe(0);
  });

  test('a binary that has sent its close frame is replaced at once without a probe, even if it keeps TCP open', async () => {
    relay = await TestRelay.start();
    const serverId = relay.peers.serverId();
    const raw = await new RawSocket(relay.port).upgrade('/v1/server', {
      'X-Pyrycode-Server': serverId,
      'X-Pyrycode-Version': 'v',
      'User-Agent': 'x',
    });
    raw.send(Buffer.from([0x03, 0xe8]), { opcode: 8 });
    expect(await raw.closeCode()).toBe(1000);
    const next = await relay.peers.binary(serverId);
    await relay.peers.knownPhone(serverId, next);
    raw.destroy();
  });
});

describe('L5: heartbeat', () => {
  test('TestHeartbeat_*: a peer that answers pings stays; a silent one gets 1011 heartbeat timeout', async () => {
    relay = await TestRelay.start({ heartbeatIntervalMs: 150, heartbeatTimeoutMs: 300 });
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const { phone } = await relay.peers.knownPhone(serverId, binary);
    const silent = await relay.peers.phone(serverId, { autoPong: false });
    expect(await silent.closed).toEqual({ code: 1011, reason: 'heartbeat timeout' });
    await relay.logged('heartbeat_timeout', { server_id: serverId });
    let pings = 0;
    const several = new Promise<void>((resolve) => phone.ws.on('ping', () => ++pings === 4 && resolve()));
    await several;
    phone.send('"alive"');
    expect((await binary.inbox.take(2)).at(-1)).toContain('"alive"');
  });

  test('the server-id of a silent binary enters grace at its heartbeat timeout', async () => {
    relay = await TestRelay.start({ heartbeatIntervalMs: 100, heartbeatTimeoutMs: 200 });
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId, { autoPong: false });
    await relay.logged('server_released', { server_id: serverId });
    expect((await binary.closed).code).toBe(1011);
  });

  test('anything that arrives is an answer, for as long as it arrives', async () => {
    relay = await TestRelay.start({ heartbeatIntervalMs: 100, heartbeatTimeoutMs: 400 });
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const talker = await relay.peers.phone(serverId, { autoPong: false });
    const talking = setInterval(() => talker.send('"still here"'), 50);
    await binary.inbox.take(20);
    expect(talker.ws.readyState).toBe(talker.ws.OPEN);
    clearInterval(talking);
    expect((await talker.closed).code).toBe(1011);
  });
});

describe('L6: close notices', () => {
  const gone = async (how: (phone: RawSocket) => void): Promise<number | undefined> => {
    relay = await TestRelay.start();
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const raw = await new RawSocket(relay.port).upgrade('/v1/client', phoneHeaders(serverId));
    for (let i = 0; i < 20; i++) raw.send(String(i));
    how(raw);
    for (let i = 0; i < 20; i++) expect(await binary.nextEnvelope()).toMatchObject({ frame: i });
    const text = await binary.next();
    expect(text).toMatch(/^\{"conn_id":"c-[0-9a-f]{16}","close_code":\d+\}$/);
    raw.destroy();
    await relay.logged('phone_unregistered', { server_id: serverId });
    const next = await relay.peers.phone(serverId);
    next.send('"next"');
    expect(await binary.nextEnvelope()).toMatchObject({ frame: 'next' });
    return (JSON.parse(text) as { close_code?: number }).close_code;
  };

  test('PhoneClose_NotifiesBinary: one notice with the phone’s code, after its last frame, without a frame key', async () => {
    expect(await gone((raw) => raw.send(Buffer.from([0x0f, 0xa1]), { opcode: 8 }))).toBe(4001);
  });
  test('a close frame without a code is notified as 1005', async () => {
    expect(await gone((raw) => raw.send('', { opcode: 8 }))).toBe(1005);
  });
  test('PhoneDrop…GoingAway: an end of TCP without a close frame is notified as 1001', async () => {
    expect(await gone((raw) => raw.socket.end())).toBe(1001);
  });

  test('a TCP reset is notified as 1001', async () => {
    relay = await TestRelay.start();
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const raw = await new RawSocket(relay.port).upgrade('/v1/client', phoneHeaders(serverId));
    raw.send('"hello"');
    await binary.nextEnvelope();
    raw.reset();
    expect(await binary.nextEnvelope()).toMatchObject({ close_code: 1001 });
  });

  test('a heartbeat close is notified with the code that the phone echoes', async () => {
    relay = await TestRelay.start({ heartbeatIntervalMs: 100, heartbeatTimeoutMs: 200 });
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const { phone, connId } = await relay.peers.knownPhone(serverId, binary, { autoPong: false });
    await phone.closed;
    expect(await binary.nextEnvelope()).toEqual({ conn_id: connId, close_code: 1011 });
  });

  test('BinaryReplaced_NoNotice: neither binary gets notices for the phones of the first', async () => {
    relay = await TestRelay.start(LONG_GRACE);
    const serverId = relay.peers.serverId();
    const first = await relay.peers.binary(serverId);
    const { phone } = await relay.peers.knownPhone(serverId, first);
    await leave(serverId, () => first.ws.close());
    const second = await relay.peers.binary(serverId);
    await phone.closed;
    await relay.logged('phone_unregistered', { server_id: serverId });
    await relay.peers.knownPhone(serverId, second);
    expect(first.inbox.size).toBe(0);
  });
});

test('TestClientEndpoint_IndependentLifecycles: the end of one server-id does not affect another', async () => {
  relay = await TestRelay.start(GRACE);
  const [one, two] = [relay.peers.serverId(), relay.peers.serverId()];
  const first = await relay.peers.binary(one);
  const second = await relay.peers.binary(two);
  const { phone } = await relay.peers.knownPhone(one, first);
  const other = await relay.peers.knownPhone(two, second);
  await leave(one, () => first.ws.close());
  expect((await phone.closed).code).toBe(4404);
  second.send(JSON.stringify({ conn_id: other.connId, frame: 'here' }));
  expect(await other.phone.next()).toBe('"here"');
});

test('a phone that has sent its close frame frees its place at once, even if it keeps TCP open', async () => {
  relay = await TestRelay.start({ maxPhones: 1 });
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const ghost = await new RawSocket(relay.port).upgrade('/v1/client', phoneHeaders(serverId));
  ghost.send(Buffer.from([0x03, 0xe8]), { opcode: 8 });
  expect(await ghost.closeCode()).toBe(1000);
  expect(await binary.nextEnvelope()).toMatchObject({ close_code: 1000 });
  await relay.peers.knownPhone(serverId, binary);
  ghost.destroy();
});

test('a half-closed phone leaves; a half-closed binary starts grace', async () => {
  relay = await TestRelay.start(LONG_GRACE);
  const serverId = relay.peers.serverId();
  const raw = await new RawSocket(relay.port).upgrade('/v1/server', {
    'X-Pyrycode-Server': serverId,
    'X-Pyrycode-Version': 'v',
    'User-Agent': 'x',
  });
  const phone = await new RawSocket(relay.port).upgrade('/v1/client', phoneHeaders(serverId));
  phone.socket.end();
  await relay.logged('phone_unregistered', { server_id: serverId });
  raw.socket.end();
  await relay.logged('server_released', { server_id: serverId });
  raw.destroy();
  phone.destroy();
});
