/**
 * Peers that are alive on a slow link: what they send or read keeps them, although their pongs wait behind megabytes of
 * data. Peers that are not alive are still given up.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { binaryHeaders, Peer, phoneHeaders } from '../support/peer.ts';
import { clientFrame, RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';
import { type Rates, SlowLink } from '../support/slow-link.ts';

const CHUNK = `"${'A'.repeat(80_000)}"`;
/** Room for all that a test sends. */
const ROOMY = 16 * 1024 * 1024;
const frameTo = (connId: string, frame: string): string => `{"conn_id":"${connId}","frame":${frame}}`;

let ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const start = async (options: Parameters<typeof TestRelay.start>[0]): Promise<TestRelay> => {
  const relay = await TestRelay.start(options);
  ends.push(() => relay.dispose());
  return relay;
};

const linkTo = async (relay: TestRelay, rates: Rates): Promise<string> => {
  const link = await SlowLink.to(relay.port, rates);
  ends.push(() => link.dispose());
  return link.url;
};

/** A phone on that link, and its conn id. */
const phoneOn = async (
  url: string,
  binary: Peer,
  serverId: string,
): Promise<{ phone: Peer; connId: string }> => {
  const phone = await new Peer(`${url}/v1/client`, phoneHeaders(serverId)).open();
  phone.send('"hello"');
  const { conn_id: connId } = await binary.nextEnvelope();
  return { phone, connId };
};

const burst = (binary: Peer, connId: string, bytes: number): number => {
  const frames = Math.floor(bytes / CHUNK.length);
  for (let i = 0; i < frames; i++) binary.send(frameTo(connId, CHUNK));
  return frames;
};

describe('a phone on a slow link', () => {
  test('finishes an upload that its pongs wait behind for longer than the heartbeat timeout', async () => {
    const relay = await start({ heartbeatIntervalMs: 300, heartbeatTimeoutMs: 700 });
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const { phone } = await phoneOn(await linkTo(relay, { upBytesPerSecond: 800_000 }), binary, serverId);
    const chunks = 40;
    for (let i = 0; i < chunks; i++) phone.send(CHUNK);
    await binary.inbox.take(chunks, 20_000);
    expect(phone.ws.readyState).toBe(phone.ws.OPEN);
  });

  test('reads a burst to its end, although the heartbeat waits behind it in the kernel', async () => {
    const relay = await start({ heartbeatIntervalMs: 300, heartbeatTimeoutMs: 900 });
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const link = await linkTo(relay, { downBytesPerSecond: 800_000 });
    const { phone, connId } = await phoneOn(link, binary, serverId);
    const frames = burst(binary, connId, 3_800_000);
    await phone.inbox.take(frames, 20_000);
    expect(phone.ws.readyState).toBe(phone.ws.OPEN);
  });

  test('reads a full backlog to its end, although no write completes within the write timeout', async () => {
    const relay = await start({ writeTimeoutMs: 1_000, phoneBacklogBytes: ROOMY });
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const link = await linkTo(relay, { downBytesPerSecond: 600_000 });
    const { phone, connId } = await phoneOn(link, binary, serverId);
    const frames = burst(binary, connId, 9_000_000);
    await phone.inbox.take(frames, 30_000);
    expect(phone.ws.readyState).toBe(phone.ws.OPEN);
  });

  test('reads all that was sent before the close frame, and the close frame', async () => {
    const relay = await start({});
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const link = await linkTo(relay, { downBytesPerSecond: 350_000 });
    const { phone, connId } = await phoneOn(link, binary, serverId);
    const frames = burst(binary, connId, 3_800_000);
    // It would be answered with a TCP reset if the relay had ended TCP already.
    const pinging = setInterval(() => phone.ws.ping(), 200);
    ends.push(() => clearInterval(pinging));
    binary.send(`{"conn_id":"${connId}","close_code":4401}`);
    expect(await phone.closed).toEqual({ code: 4401, reason: '' });
    expect(phone.inbox.size).toBe(frames);
  });
});

test('a live binary on a slow link keeps its server-id, although its answer to the probe waits behind a flood', async () => {
  const relay = await start({ probeTimeoutMs: 1_000, writeTimeoutMs: 1_000, heartbeatTimeoutMs: 1_000 });
  const serverId = relay.peers.serverId();
  const link = await linkTo(relay, { downBytesPerSecond: 400_000 });
  const binary = await new Peer(`${link}/v1/server`, binaryHeaders(serverId)).open();
  await binary.roundTrip();
  const phone = await relay.peers.phone(serverId);
  for (let i = 0; i < 60; i++) phone.send(CHUNK);
  await binary.inbox.take(1);
  expect(await relay.peers.dialBinary(serverId).closed).toMatchObject({ code: 4409 });
  expect(binary.ws.readyState).toBe(binary.ws.OPEN);
});

describe('a phone that reads nothing', () => {
  const deafPhone = async (relay: TestRelay): Promise<{ deaf: RawSocket; serverId: string }> => {
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const deaf = await new RawSocket(relay.port).upgrade('/v1/client', phoneHeaders(serverId));
    ends.push(() => deaf.destroy());
    deaf.send('"hello"');
    const { conn_id: connId } = await binary.nextEnvelope();
    deaf.socket.pause();
    // More than the kernel takes.
    burst(binary, connId, 14_000_000);
    return { deaf, serverId };
  };

  test('is given up after the write timeout', async () => {
    const relay = await start({
      writeTimeoutMs: 1_000,
      heartbeatTimeoutMs: 60_000,
      phoneBacklogBytes: ROOMY,
    });
    const { serverId } = await deafPhone(relay);
    await relay.logged('binary_forwarder_phone_send_failed', { server_id: serverId });
  });

  test('is given up even if it goes on sending, after the heartbeat timeout more', async () => {
    const relay = await start({
      writeTimeoutMs: 1_000,
      heartbeatTimeoutMs: 1_000,
      phoneBacklogBytes: ROOMY,
    });
    const { deaf, serverId } = await deafPhone(relay);
    const sending = setInterval(() => deaf.write(clientFrame('"more"')), 100);
    ends.push(() => clearInterval(sending));
    await relay.logged('binary_forwarder_phone_send_failed', { server_id: serverId });
  });
});
