/** When the relay decides to close a phone, its binary is notified with that decision, however long the phone's TCP takes to end. */
import { afterEach, describe, expect, test } from 'vitest';
import type { RelayOptions } from '../../src/relay.ts';
import { type Peer, phoneHeaders } from '../support/peer.ts';
import { clientFrame, RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
let raws: RawSocket[] = [];
afterEach(async () => {
  for (const raw of raws) raw.destroy();
  raws = [];
  await relay.dispose();
});

interface Silent {
  readonly raw: RawSocket;
  readonly connId: string;
}

/** A phone that answers no ping and no close frame. */
const silentPhone = async (serverId: string, binary: Peer): Promise<Silent> => {
  const raw = await new RawSocket(relay.port).upgrade('/v1/client', phoneHeaders(serverId));
  raws.push(raw);
  raw.send('"hello"');
  const { conn_id: connId } = await binary.nextEnvelope();
  return { raw, connId };
};

const start = async (options: RelayOptions = {}): Promise<{ serverId: string; binary: Peer }> => {
  relay = await TestRelay.start(options);
  const serverId = relay.peers.serverId();
  return { serverId, binary: await relay.peers.binary(serverId) };
};

describe('the notice arrives while the phone’s socket is still open', () => {
  test.each([
    ['a message that is not JSON', clientFrame('{'), 1001, {}],
    ['binary data that is not UTF-8', clientFrame(Buffer.from([0xff]), { opcode: 2 }), 1001, {}],
    ['text that is not UTF-8', clientFrame(Buffer.from([0xff])), 1001, {}],
    ['a message that is too long', clientFrame('x'.repeat(2_000)), 1001, { maxFrameBytes: 1_000 }],
    ['a frame that breaks the protocol', clientFrame('{}', { opcode: 3 }), 1001, {}],
  ] as const)('%s', async (_name, bytes, closeCode, options) => {
    const { serverId, binary } = await start(options);
    const { raw, connId } = await silentPhone(serverId, binary);
    raw.send('"last"');
    raw.write(bytes);
    expect(await binary.nextEnvelope()).toEqual({ conn_id: connId, frame: 'last' });
    expect(await binary.nextEnvelope()).toEqual({ conn_id: connId, close_code: closeCode });
    expect(relay.events('phone_unregistered')).toEqual([]);
  });

  test('for an unanswered heartbeat', async () => {
    const { serverId, binary } = await start({ heartbeatIntervalMs: 100, heartbeatTimeoutMs: 200 });
    const { connId } = await silentPhone(serverId, binary);
    expect(await binary.nextEnvelope()).toEqual({ conn_id: connId, close_code: 1011 });
    expect(relay.events('phone_unregistered')).toEqual([]);
  });

  test('for a full backlog', async () => {
    const { serverId, binary } = await start({ maxFrameBytes: 60_000, phoneBacklogBytes: 100_000 });
    const { raw, connId } = await silentPhone(serverId, binary);
    raw.socket.pause();
    const frame = `{"conn_id":"${connId}","frame":"${'x'.repeat(50_000)}"}`;
    for (let i = 0; i < 400; i++) binary.send(frame);
    expect(await binary.nextEnvelope()).toEqual({ conn_id: connId, close_code: 1011 });
    expect(relay.events('phone_unregistered')).toEqual([]);
  });

  test('and no second one follows when the socket has ended', async () => {
    const { serverId, binary } = await start();
    const { raw } = await silentPhone(serverId, binary);
    raw.send('{');
    expect(await binary.nextEnvelope()).toMatchObject({ close_code: 1001 });
    raw.destroy();
    await relay.logged('phone_unregistered');
    const next = await relay.peers.phone(serverId);
    next.send('"next"');
    expect(await binary.nextEnvelope()).toMatchObject({ frame: 'next' });
    expect(await relay.metric('close_notices_total{outcome="sent"}')).toBe(1);
  });
});

test('a phone that closes by itself is notified when its socket has ended', async () => {
  const { serverId, binary } = await start();
  const { phone, connId } = await relay.peers.knownPhone(serverId, binary);
  phone.ws.close(4000);
  expect(await binary.nextEnvelope()).toEqual({ conn_id: connId, close_code: 4000 });
  await relay.logged('phone_unregistered', { conn_id: connId });
});

test('the relay ends its half of TCP as soon as the close frame is answered, and is done when the peer ends its own', async () => {
  const { serverId, binary } = await start();
  const polite = await silentPhone(serverId, binary);
  const deaf = await silentPhone(serverId, binary);
  for (const { connId } of [deaf, polite]) binary.send(`{"conn_id":"${connId}","close_code":4401}`);
  expect(await polite.raw.closeCode()).toBe(4401);
  expect(await deaf.raw.closeCode()).toBe(4401);
  polite.raw.send(Buffer.from([0x11, 0x31]), { opcode: 8 });
  await polite.raw.ended;
  expect(relay.events('phone_unregistered')).toEqual([]);
  polite.raw.socket.end();
  const { fields } = await relay.logged('phone_unregistered');
  expect(fields['conn_id']).toBe(polite.connId);
  expect(relay.events('phone_unregistered')).toHaveLength(1);
});
