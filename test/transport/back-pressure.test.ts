/** When a slow binary's phones are paused and resumed, and what a pause must not affect. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  BINARY_QUEUE_HIGH_BYTES,
  BINARY_QUEUE_LOW_BYTES,
  BINARY_QUEUE_MAX_BYTES,
} from '../../src/protocol/limits.ts';
import {
  fill,
  HEARTBEAT_INTERVAL_MS,
  HEARTBEAT_TIMEOUT_MS,
  messageCharging,
  settle,
  type WiredPeer,
  WiredRelay,
} from '../support/wired-relay.ts';

let relay: WiredRelay;
let binary: WiredPeer;
beforeEach(async () => {
  relay = new WiredRelay();
  binary = await relay.stalledBinary();
});
afterEach(() => relay.dispose());

/** A paused phone: it has filled the binary's queue beyond the high mark. */
const pausedPhone = async (): Promise<WiredPeer> => {
  const phone = await relay.dial('phone');
  await fill(phone, BINARY_QUEUE_HIGH_BYTES);
  await phone.say('1');
  expect(phone.isPaused).toBe(true);
  return phone;
};

/** Advances the charts' clock. The binary answers its pings in the meantime. */
const pass = async (ms: number): Promise<void> => {
  for (let left = ms; left > 0; left -= HEARTBEAT_TIMEOUT_MS / 2) {
    await relay.pass(Math.min(left, HEARTBEAT_TIMEOUT_MS / 2));
    // Its network takes no ping, but whatever it sends shows that it lives.
    await binary.ping();
  }
};

/** The binary's network takes writes until no more than `bytes` are charged. */
const drainTo = async (bytes: number): Promise<void> => {
  while (binary.adapter.outbox.chargedBytes > bytes) {
    binary.wire.takeWrite();
    await settle();
  }
};

describe('as a binary’s queue grows', () => {
  test('a phone is paused when its message exceeds the high mark, and not before', async () => {
    const phone = await relay.dial('phone');
    await fill(phone, BINARY_QUEUE_HIGH_BYTES);
    expect(binary.adapter.outbox.chargedBytes).toBe(BINARY_QUEUE_HIGH_BYTES);
    expect(phone.isPaused).toBe(false);
    await phone.say('1');
    expect(phone.isPaused).toBe(true);
    expect(relay.observed('phone.paused')).toEqual([
      { type: 'phone.paused', serverId: 's', connId: phone.connId },
    ]);
  });

  test('a paused phone is not read: what it sends stays in its socket', async () => {
    const phone = await pausedPhone();
    const { chargedBytes } = binary.adapter.outbox;
    await phone.say('2');
    expect(binary.adapter.outbox.chargedBytes).toBe(chargedBytes);
    expect(phone.wire.readableLength).toBeGreaterThan(0);
  });

  test('a phone whose read contains more messages is paused once', async () => {
    const phone = await relay.dial('phone');
    await fill(phone, BINARY_QUEUE_HIGH_BYTES);
    await phone.say('1', '2', '3');
    expect(phone.isPaused).toBe(true);
    expect(relay.observed('phone.paused')).toHaveLength(1);
    // The rest of the read is parsed once TCP has ended, in spite of the pause.
    phone.wire.destroy(new Error('reset'));
    await settle();
    expect(relay.observed('phone.paused')).toHaveLength(1);
  });

  test('a silent phone is not paused: its pings are answered', async () => {
    const silent = await relay.dial('phone');
    await pausedPhone();
    await silent.ping();
    expect(silent.pongs()).toHaveLength(1);
  });

  test('a phone of another server-id is not paused', async () => {
    await pausedPhone();
    const otherBinary = await relay.dial('binary', 'other');
    const phone = await relay.dial('phone', 'other');
    await phone.say('1');
    expect(phone.isPaused).toBe(false);
    expect(otherBinary.heard()).toHaveLength(1);
  });
});

describe('a phone that registers', () => {
  test('while the queue is above the high mark is paused before it sends anything', async () => {
    await pausedPhone();
    const late = await relay.dial('phone');
    expect(late.isPaused).toBe(true);
  });

  test('while the queue is at the high mark is read', async () => {
    const phone = await relay.dial('phone');
    await fill(phone, BINARY_QUEUE_HIGH_BYTES);
    expect((await relay.dial('phone')).isPaused).toBe(false);
  });
});

describe('as a binary’s queue shrinks', () => {
  test('its paused phones are resumed at the low mark, and not before', async () => {
    const phone = await relay.dial('phone');
    // The last writes charge exactly the low mark, so that the queue stops there on its way down.
    await fill(phone, BINARY_QUEUE_HIGH_BYTES - BINARY_QUEUE_LOW_BYTES + 1_000);
    await fill(phone, BINARY_QUEUE_LOW_BYTES);
    expect([phone.isPaused, phone.wire.readableLength]).toEqual([true, 0]);
    const late = await relay.dial('phone');
    const seen = new Map<number, boolean>();
    while (binary.wire.pendingBytes > 0) {
      seen.set(binary.adapter.outbox.chargedBytes, phone.isPaused && late.isPaused);
      binary.wire.takeWrite();
      await settle();
    }
    expect(seen.has(BINARY_QUEUE_LOW_BYTES)).toBe(true);
    for (const [bytes, arePaused] of seen)
      expect([bytes, arePaused]).toEqual([bytes, bytes > BINARY_QUEUE_LOW_BYTES]);
  });

  test('a phone that sends is not paused once the queue is short', async () => {
    const phone = await pausedPhone();
    await drainTo(BINARY_QUEUE_LOW_BYTES);
    await phone.say('1');
    expect(relay.observed('phone.paused')).toHaveLength(1);
  });

  test('another phone that sends between the marks is paused too', async () => {
    const other = await relay.dial('phone');
    await pausedPhone();
    await drainTo(BINARY_QUEUE_HIGH_BYTES - 100_000);
    expect(other.isPaused).toBe(false);
    await other.say('1');
    expect(other.isPaused).toBe(true);
  });

  test('a phone that sends between the marks is not paused while no other is', async () => {
    const phone = await relay.dial('phone');
    await fill(phone, BINARY_QUEUE_LOW_BYTES + 100_000);
    expect(phone.isPaused).toBe(false);
  });

  test('nothing is lost, and each phone’s messages are forwarded in order', async () => {
    const phones = [await relay.dial('phone'), await relay.dial('phone'), await relay.dial('phone')];
    const messages = 60;
    for (let n = 0; n < messages; n++) {
      for (const phone of phones) await phone.say(`[${n},${messageCharging(phone, 20_000)}]`);
    }
    expect(phones.map(({ isPaused }) => isPaused)).toEqual([true, true, true]);
    binary.wire.flow();
    const heard = new Map<string, number[]>();
    while ([...heard.values()].flat().length < messages * phones.length) {
      await settle();
      for (const text of binary.heard()) {
        const { conn_id: connId, frame } = JSON.parse(text) as { conn_id: string; frame: [number, string] };
        heard.set(connId, [...(heard.get(connId) ?? []), frame[0]]);
      }
    }
    const inOrder = Array.from({ length: messages }, (_, n) => n);
    expect(phones.map(({ connId }) => heard.get(connId))).toEqual(phones.map(() => inOrder));
  });
});

describe('a paused phone', () => {
  test('that ends is forgotten: another that sends between the marks is not paused', async () => {
    const other = await relay.dial('phone');
    const phone = await pausedPhone();
    await drainTo(BINARY_QUEUE_HIGH_BYTES - 100_000);
    phone.wire.destroy();
    await settle();
    await other.say('1');
    expect(other.isPaused).toBe(false);
  });

  test('that its binary dismisses is resumed, so that its answer to the close is read', async () => {
    const phone = await pausedPhone();
    await binary.say(`{"conn_id":"${phone.connId}","close_code":4401}`);
    expect(phone.closed()).toEqual({ code: 4401, reason: '' });
    await phone.close(4401);
    expect(phone.state).toEqual({ closing: 'finishing' });
  });

  test.each([
    ['before its first ping', 0],
    ['after a pong', HEARTBEAT_INTERVAL_MS],
  ])('is not pinged and has no heartbeat deadline, if it was paused %s', async (_, beforeMs) => {
    const phone = await relay.dial('phone');
    await pass(beforeMs);
    for (const ping of phone.pings()) await phone.pong(ping);
    await fill(phone, BINARY_QUEUE_HIGH_BYTES);
    await phone.say('1');
    await pass(2 * (HEARTBEAT_INTERVAL_MS + HEARTBEAT_TIMEOUT_MS));
    expect(phone.pings()).toEqual([]);
    expect(phone.closed()).toBeUndefined();
    await drainTo(0);
    await pass(HEARTBEAT_INTERVAL_MS);
    expect(phone.pings()).toHaveLength(1);
  });

  test('is not closed for a ping sent before the pause', async () => {
    const phone = await relay.dial('phone');
    await pausedPhone();
    await pass(HEARTBEAT_INTERVAL_MS);
    expect(phone.pings()).toHaveLength(1);
    await phone.say('1');
    expect(phone.isPaused).toBe(true);
    await pass(2 * (HEARTBEAT_INTERVAL_MS + HEARTBEAT_TIMEOUT_MS));
    expect(phone.closed()).toBeUndefined();
  });

  test('is closed for silence once it is resumed', async () => {
    const phone = await pausedPhone();
    await drainTo(0);
    await pass(HEARTBEAT_INTERVAL_MS);
    await pass(HEARTBEAT_TIMEOUT_MS);
    expect(phone.closed()).toEqual({ code: 1011, reason: 'heartbeat timeout' });
  });
});

describe('the phones of a binary with a long queue are resumed at once when it', () => {
  test.each([
    ['breaks the protocol', (): Promise<void> => binary.breakProtocol()],
    ['closes', (): Promise<void> => binary.close()],
    [
      'drops',
      async (): Promise<void> => {
        binary.wire.destroy();
        await settle();
      },
    ],
  ])('%s', async (_, go) => {
    const phone = await pausedPhone();
    await go();
    expect(phone.isPaused).toBe(false);
    // Once it is resumed, its next message finds no binary.
    await phone.say('1');
    expect(phone.closed()).toEqual({ code: 4404, reason: 'no server with that id' });
  });
});

describe('the limit of a binary’s queue', () => {
  const MIB = 1024 * 1024;
  beforeEach(async () => {
    relay.dispose();
    relay = new WiredRelay({ maxFrameBytes: 64 * MIB });
    binary = await relay.stalledBinary();
  });

  test('is not exceeded: the phone whose message does not fit is closed, and its notice is lost if it does not fit either', async () => {
    const phones = [await relay.dial('phone'), await relay.dial('phone'), await relay.dial('phone')];
    const [large, fits, tooMuch] = phones as [WiredPeer, WiredPeer, WiredPeer]; // Three were dialled.
    await large.say(messageCharging(large, BINARY_QUEUE_MAX_BYTES - 1_000));
    // Registered before the queue was long, so they have not been paused.
    await fits.say(messageCharging(fits, 1_000));
    expect(binary.adapter.outbox.chargedBytes).toBe(BINARY_QUEUE_MAX_BYTES);
    expect(fits.closed()).toBeUndefined();
    await tooMuch.say('1');
    expect(tooMuch.closed()).toEqual({ code: 1011, reason: 'binary backlog full' });
    // The notice does not fit either, and is reported as lost.
    expect(relay.observed('notice.lost')).toHaveLength(1);
    expect(binary.adapter.outbox.chargedBytes).toBe(BINARY_QUEUE_MAX_BYTES);
  });

  test('admits a notice up to the last byte', async () => {
    const [phone, other] = [await relay.dial('phone'), await relay.dial('phone')];
    const notice = Buffer.byteLength(`{"conn_id":"${other.connId}","close_code":1000}`) + 64;
    await phone.say(messageCharging(phone, BINARY_QUEUE_MAX_BYTES - notice));
    await other.close();
    other.wire.destroy();
    await settle();
    expect(relay.observed('notice.sent')).toHaveLength(1);
    expect(binary.adapter.outbox.chargedBytes).toBe(BINARY_QUEUE_MAX_BYTES);
  });
});
