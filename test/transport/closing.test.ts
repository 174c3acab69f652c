/** How the relay notices that a connection is closing, and how its socket ends. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BINARY_QUEUE_LOW_BYTES } from '../../src/protocol/limits.ts';
import {
  fill,
  HEARTBEAT_INTERVAL_MS,
  HEARTBEAT_TIMEOUT_MS,
  settle,
  type WiredPeer,
  WiredRelay,
} from '../support/wired-relay.ts';

let relay: WiredRelay;
beforeEach(() => {
  relay = new WiredRelay();
});
afterEach(() => relay.dispose());

const NO_SERVER = { code: 4404, reason: 'no server with that id' };

/** A peer that ends its side of TCP while its network takes nothing: ws is closing, but the chart does not know. */
const halfClose = async (peer: WiredPeer): Promise<void> => {
  await peer.hangUp();
  expect(peer.state).toMatchObject({ open: expect.anything() as unknown });
};

describe('a holder that has half-closed, with a write in progress', () => {
  let holder: WiredPeer;
  let loud: WiredPeer;
  let quiet: WiredPeer;
  beforeEach(async () => {
    holder = await relay.stalledBinary();
    loud = await relay.dial('phone');
    quiet = await relay.dial('phone');
    await fill(loud, BINARY_QUEUE_LOW_BYTES);
    await halfClose(holder);
  });

  test('takes no frame: the phone that sends one is closed with 4404, and grace begins', async () => {
    await quiet.say('"anyone?"');
    expect(quiet.closed()).toEqual(NO_SERVER);
    expect(relay.observed('grace.started')).toHaveLength(1);
  });

  test('is replaced at once by a claimant: the probe finds it closed', async () => {
    const claimant = await relay.dial('binary');
    expect(relay.observed('binary.admitted').at(-1)).toMatchObject({ kind: 'reclaim' });
    expect(loud.closed()).toEqual({ code: 4404, reason: 'binary reclaimed server-id' });
    expect(claimant.state).toMatchObject({ open: expect.anything() as unknown });
  });
});

test('a phone that has half-closed, with a write in progress, leaves when a frame is sent to it', async () => {
  const binary = await relay.dial('binary');
  const phone = await relay.dial('phone');
  phone.wire.stall();
  await binary.say(`{"conn_id":"${phone.connId}","frame":1}`);
  await halfClose(phone);
  await binary.say(`{"conn_id":"${phone.connId}","frame":2}`);
  expect(relay.observed('envelope.unknown_conn')).toHaveLength(1);
  expect(relay.observed('connection.left')).toMatchObject([{ connId: phone.connId, cause: 'peer' }]);
});

test('a half-closed phone is not waited for when the relay closes it', async () => {
  const binary = await relay.dial('binary');
  const phone = await relay.dial('phone');
  phone.wire.stall();
  await binary.say(`{"conn_id":"${phone.connId}","frame":1}`);
  await halfClose(phone);
  await relay.pass(HEARTBEAT_INTERVAL_MS);
  await relay.pass(HEARTBEAT_TIMEOUT_MS);
  expect(phone.state).toEqual({ closing: 'finishing' });
});

test('a notice to a half-closed holder is reported as lost', async () => {
  const binary = await relay.stalledBinary();
  const phone = await relay.dial('phone');
  await phone.say('1');
  await halfClose(binary);
  phone.wire.destroy();
  await settle();
  expect(relay.observed('notice.lost')).toHaveLength(1);
  expect(relay.observed('notice.sent')).toEqual([]);
});

describe('a peer’s close frame', () => {
  test('is acted on at once, though the peer keeps TCP open', async () => {
    const binary = await relay.dial('binary');
    await binary.close(1000);
    expect(relay.observed('grace.started')).toHaveLength(1);
  });

  test('that answers ours ends TCP from our side', async () => {
    const binary = await relay.dial('binary');
    const phone = await relay.dial('phone');
    await binary.say(`{"conn_id":"${phone.connId}","close_code":4401}`);
    expect(phone.closed()).toEqual({ code: 4401, reason: '' });
    expect(phone.hasEnded).toBe(false);
    await phone.close(4401);
    expect(phone.state).toEqual({ closing: 'finishing' });
    expect(phone.wire.writableFinished).toBe(true);
    // Closed now, the socket would be reset by what the peer still sends.
    expect(phone.hasEnded).toBe(false);
    await phone.hangUp();
    expect(phone.hasEnded).toBe(true);
  });

  test('has TCP cut if the peer has not ended its half 5 s later', async () => {
    const binary = await relay.dial('binary');
    await binary.close(1000);
    await relay.pass(4_999);
    expect(binary.hasEnded).toBe(false);
    await relay.pass(1);
    expect(binary.hasEnded).toBe(true);
  });

  test('that crosses ours ends TCP from our side as well', async () => {
    const binary = await relay.dial('binary');
    const phone = await relay.dial('phone');
    phone.wire.stall();
    await binary.say(`{"conn_id":"${phone.connId}","close_code":4401}`);
    await phone.close(1000);
    expect(phone.hasEnded).toBe(false);
    phone.wire.flow();
    await settle();
    expect(phone.closed()).toEqual({ code: 4401, reason: '' });
    expect(phone.state).toEqual({ closing: 'finishing' });
    await phone.hangUp();
    expect(phone.hasEnded).toBe(true);
  });

  test('that does not arrive within 5 s of ours has TCP cut', async () => {
    const binary = await relay.dial('binary');
    const phone = await relay.dial('phone');
    await binary.say(`{"conn_id":"${phone.connId}","close_code":4401}`);
    await relay.pass(4_999);
    expect(phone.hasEnded).toBe(false);
    await relay.pass(1);
    expect(phone.hasEnded).toBe(true);
  });
});

test('a peer has 5 s to answer, counted from when the close frame was written', async () => {
  const binary = await relay.dial('binary');
  const phone = await relay.dial('phone');
  phone.wire.stall();
  await binary.say(`{"conn_id":"${phone.connId}","close_code":4401}`);
  await relay.pass(4_000);
  phone.wire.flow();
  await settle();
  await relay.pass(4_999);
  expect(phone.hasEnded).toBe(false);
  await relay.pass(1);
  expect(phone.hasEnded).toBe(true);
});

test('a connection that has ended is forgotten', async () => {
  const binary = await relay.dial('binary');
  const phone = await relay.dial('phone');
  phone.wire.destroy();
  await settle();
  expect([...relay.plane.adapters.keys()]).toEqual([binary.connId]);
});

describe('a phone’s close notice', () => {
  const notice = (phone: WiredPeer, closeCode: number): string =>
    `{"conn_id":"${phone.connId}","close_code":${closeCode}}`;

  test('follows the last frame of the phone, however slow the binary is', async () => {
    const binary = await relay.stalledBinary();
    const phone = await relay.dial('phone');
    await phone.say('0');
    await phone.say('1', '2', '3');
    await phone.close(4001);
    await phone.hangUp();
    binary.wire.flow();
    await settle();
    const frames = ['0', '1', '2', '3'].map((n) => `{"conn_id":"${phone.connId}","frame":${n}}`);
    expect(binary.heard()).toEqual([...frames, notice(phone, 4001)]);
  });

  test('is queued with the relay’s decision to close the phone, also after its last frame', async () => {
    const binary = await relay.dial('binary');
    const phone = await relay.dial('phone');
    await phone.say('1', 'not JSON', '2');
    expect(binary.heard()).toEqual([`{"conn_id":"${phone.connId}","frame":1}`, notice(phone, 1001)]);
    expect(phone.hasEnded).toBe(false);
  });
});

test('a close frame overtakes the backlog of a phone that is closed for not reading', async () => {
  const binary = await relay.dial('binary');
  const phone = await relay.dial('phone');
  phone.wire.stall();
  const frame = `{"conn_id":"${phone.connId}","frame":"${'x'.repeat(60_000)}"}`;
  for (let n = 0; n < 10; n++) await binary.say(frame);
  expect(phone.adapter.outbox.chargedBytes).toBeGreaterThan(600_000);
  phone.adapter.chart.send({ type: 'write.stalled' });
  // Only the write in progress is left.
  expect(phone.adapter.outbox.chargedBytes).toBeLessThan(61_000);
  phone.wire.flow();
  await settle();
  expect(phone.heard()).toHaveLength(1);
  expect(phone.closed()).toEqual({ code: 1011, reason: 'phone write failed' });
});

test('a frame that is cut with its socket is not counted as forwarded', async () => {
  const binary = await relay.dial('binary');
  const phone = await relay.dial('phone');
  phone.wire.stall();
  await binary.say(`{"conn_id":"${phone.connId}","frame":1}`);
  phone.wire.destroy();
  // Node calls back for a write that was in progress, without an error.
  phone.wire.takeWrite();
  await settle();
  expect(relay.framesForwarded).toBe(0);
});

test('a directive sends the backlog first, then the close frame', async () => {
  const binary = await relay.dial('binary');
  const phone = await relay.dial('phone');
  phone.wire.stall();
  const text = `"${'x'.repeat(60_000)}"`;
  for (let n = 0; n < 10; n++) await binary.say(`{"conn_id":"${phone.connId}","frame":${text}}`);
  await binary.say(`{"conn_id":"${phone.connId}","frame":"last","close_code":4401}`);
  await settle();
  expect(phone.adapter.outbox.chargedBytes).toBeGreaterThan(600_000);
  phone.wire.flow();
  await settle();
  await settle();
  expect(phone.heard()).toEqual([...Array.from({ length: 10 }, () => text), '"last"']);
  expect(phone.closed()).toEqual({ code: 4401, reason: '' });
});
