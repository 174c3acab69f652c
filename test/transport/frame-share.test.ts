/** How many frames of one read are parsed in a turn of the event loop, and what becomes of the others. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MIN_WAITING_BYTES, READ_SHARE_FRAMES } from '../../src/protocol/limits.ts';
import { clientFrame } from '../support/raw-socket.ts';
import { turnEnds } from '../support/turns.ts';
import { settle, type WiredPeer, WiredRelay } from '../support/wired-relay.ts';

const TEXT = 1;
const PONG = 10;
const CLOSE = clientFrame(Buffer.of(0x03, 0xe8), { opcode: 8 });
const WAKE = clientFrame('{"push_wake":1}');

const times = (count: number, frame: Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => frame));
const numbers = (from: number, to: number): Buffer =>
  Buffer.concat(Array.from({ length: to - from }, (_, n) => clientFrame(String(from + n))));
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);

let relay: WiredRelay;
let binary: WiredPeer;
let phone: WiredPeer;
beforeEach(async () => {
  relay = new WiredRelay();
  binary = await relay.dial('binary');
  phone = await relay.dial('phone');
});
afterEach(() => relay.dispose());

/** What the binary has been sent since the last call, as numbers. */
const heard = (): unknown[] => binary.heard().map((text) => (JSON.parse(text) as { frame: unknown }).frame); // An envelope.
const woken = (): number => relay.observed('envelope.push_wake').length;

test('a short message that came first is written before a long read is parsed, and not after the turn', async () => {
  const flood = await relay.dial('binary', 'flood');
  phone.wire.arrive(clientFrame('1'));
  expect(heard()).toEqual([]);
  flood.wire.arrive(clientFrame(`{"x":"${'x'.repeat(MIN_WAITING_BYTES)}"}`));
  expect(heard()).toEqual([1]);
  phone.wire.arrive(clientFrame('2'));
  flood.wire.arrive(clientFrame('{"x":1}'));
  expect(heard()).toEqual([]);
  await turnEnds();
  expect(heard()).toEqual([2]);
});

test('a short message and a long one of another phone come in their order', async () => {
  const other = await relay.dial('phone');
  phone.wire.arrive(clientFrame('1'));
  other.wire.arrive(clientFrame(`"${'x'.repeat(MIN_WAITING_BYTES)}"`));
  phone.wire.arrive(clientFrame('2'));
  await turnEnds();
  expect(heard().map((frame) => String(frame).slice(0, 1))).toEqual(['1', 'x', '2']);
});

describe('of the frames that one read brings', () => {
  test('a share is parsed at once, and another in each turn', async () => {
    binary.wire.arrive(times(3 * READ_SHARE_FRAMES + 1, WAKE));
    expect(woken()).toBe(READ_SHARE_FRAMES);
    for (const shares of [2, 3]) {
      await turnEnds();
      expect(woken()).toBe(shares * READ_SHARE_FRAMES);
    }
    await turnEnds();
    expect(woken()).toBe(3 * READ_SHARE_FRAMES + 1);
    expect(binary.adapter.ws.isPaused).toBe(false);
  });

  test('control frames count', async () => {
    binary.wire.arrive(times(2 * READ_SHARE_FRAMES, clientFrame('', { opcode: PONG })));
    expect(binary.adapter.liveness.controlFramesRead).toBe(READ_SHARE_FRAMES);
    await turnEnds();
    expect(binary.adapter.liveness.controlFramesRead).toBe(2 * READ_SHARE_FRAMES);
  });

  test('fragments count', async () => {
    const fragments = times(2 * READ_SHARE_FRAMES - 2, clientFrame('', { opcode: 0, fin: false }));
    phone.wire.arrive(
      Buffer.concat([
        clientFrame('7', { opcode: TEXT, fin: false }),
        fragments,
        clientFrame('', { opcode: 0 }),
      ]),
    );
    expect(phone.adapter.messagesRead).toBe(0);
    await turnEnds();
    expect(phone.adapter.messagesRead).toBe(1);
  });

  test('several reads in one turn have one share', async () => {
    for (let n = 0; n < 2; n++) binary.wire.arrive(times(READ_SHARE_FRAMES / 2 - 1, WAKE));
    expect(binary.adapter.ws.isPaused).toBe(false);
    binary.wire.arrive(times(READ_SHARE_FRAMES, WAKE));
    expect(woken()).toBe(READ_SHARE_FRAMES);
  });

  test('phones of one server-id take turns, each in its order', async () => {
    const other = await relay.dial('phone');
    phone.wire.arrive(numbers(0, 3 * READ_SHARE_FRAMES));
    other.wire.arrive(times(3 * READ_SHARE_FRAMES, clientFrame('-1')));
    const read = [];
    for (let turns = 0; turns < 4; turns++) {
      await turnEnds();
      read.push([phone, other].map(({ adapter }) => adapter.messagesRead / READ_SHARE_FRAMES));
    }
    expect(read).toEqual([
      [2, 1],
      [2, 2],
      [3, 2],
      [3, 3],
    ]);
    expect(heard().filter((n) => n !== -1)).toEqual(range(0, 3 * READ_SHARE_FRAMES));
  });

  test('what arrives meanwhile comes after the rest', async () => {
    phone.wire.arrive(numbers(0, 1_000));
    phone.wire.arrive(numbers(1_000, 2_000));
    for (let turns = 0; turns < 2_000 / READ_SHARE_FRAMES + 2; turns++) await turnEnds();
    expect(heard()).toEqual(range(0, 2_000));
  });
});

describe('before the end that the same read brings, all frames are forwarded', () => {
  const TOTAL = 3 * READ_SHARE_FRAMES;

  test('before a close', async () => {
    phone.wire.arrive(Buffer.concat([numbers(0, TOTAL), CLOSE]));
    await turnEnds();
    expect(phone.state).toHaveProperty('open');
    await settle();
    expect(heard().slice(0, TOTAL)).toEqual(range(0, TOTAL));
    expect(phone.closed()?.code).toBe(1000);
  });

  test('before the end of TCP', async () => {
    phone.wire.arrive(numbers(0, TOTAL));
    phone.wire.hangUp();
    await settle();
    expect(heard().slice(0, TOTAL)).toEqual(range(0, TOTAL));
    expect(relay.observed('read.ended')).toHaveLength(1);
  });

  test('before a reset', async () => {
    phone.wire.arrive(numbers(0, TOTAL));
    phone.wire.destroy(new Error('reset'));
    await settle();
    expect(heard().slice(0, TOTAL)).toEqual(range(0, TOTAL));
    expect(relay.observed('read.ended')).toHaveLength(1);
  });

  test.each(['a reset', 'the end of TCP'])(
    'before %s of a phone, though a frame is sent to it meanwhile',
    async (end) => {
      phone.wire.arrive(numbers(0, 5 * READ_SHARE_FRAMES));
      if (end === 'a reset') phone.wire.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
      else phone.wire.hangUp();
      await new Promise((resolve) => process.nextTick(resolve));
      binary.wire.arrive(clientFrame(`{"conn_id":"${phone.connId}","frame":1}`));
      for (let share = 0; share < 6; share++) await settle();
      expect(heard().filter((frame) => frame !== undefined)).toEqual(range(0, 5 * READ_SHARE_FRAMES));
    },
  );

  test('before a reset of a binary, though its phone sends meanwhile', async () => {
    binary.wire.arrive(times(5 * READ_SHARE_FRAMES, WAKE));
    binary.wire.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    await new Promise((resolve) => process.nextTick(resolve));
    await phone.say('1');
    for (let share = 0; share < 6; share++) await settle();
    expect(woken()).toBe(5 * READ_SHARE_FRAMES);
  });

  test('before a protocol error', async () => {
    phone.wire.arrive(Buffer.concat([numbers(0, TOTAL), clientFrame('', { opcode: 3 })]));
    await settle();
    expect(heard().slice(0, TOTAL)).toEqual(range(0, TOTAL));
    expect(phone.closed()?.code).toBe(1002);
  });
});

describe('a pause', () => {
  const pauseAfterFirst = (): void => {
    phone.adapter.ws.once('message', () => phone.adapter.pause());
  };

  test('stops between two frames of one read, and what is left comes after it', async () => {
    pauseAfterFirst();
    phone.wire.arrive(numbers(0, 10));
    await settle();
    expect(heard()).toEqual([0]);
    phone.adapter.resume();
    await settle();
    expect(heard()).toEqual(range(1, 10));
  });

  test('does not hide that TCP has ended', async () => {
    pauseAfterFirst();
    phone.wire.arrive(numbers(0, 10));
    phone.wire.destroy(new Error('reset'));
    await settle();
    expect(relay.observed('read.ended')).toHaveLength(1);
  });
});

test('what is left of a connection that is cut is not parsed', async () => {
  phone.wire.arrive(numbers(0, 3 * READ_SHARE_FRAMES));
  phone.adapter.cut();
  await settle();
  expect(phone.adapter.messagesRead).toBe(READ_SHARE_FRAMES);
  expect(phone.state).toBe('ended');
});

test('nor is what is left of a connection that ws cuts', async () => {
  phone.wire.arrive(times(3 * READ_SHARE_FRAMES, clientFrame('', { opcode: PONG })));
  phone.adapter.ws.terminate();
  await settle();
  expect(phone.adapter.liveness.controlFramesRead).toBe(READ_SHARE_FRAMES);
  expect(phone.state).toBe('ended');
});

test.each([
  ['is cut', () => phone.adapter.cut()],
  ['ws cuts', () => phone.adapter.ws.terminate()],
])('nor does memory stay that the begin of a message took, if a connection %s', async (_, end) => {
  const first = clientFrame('1'.repeat(5_000));
  phone.wire.arrive(first.subarray(0, 4_900));
  // The rest of it, and more than a share: what waits takes the memory that the begin of the message took.
  phone.wire.arrive(Buffer.concat([first.subarray(4_900), numbers(0, 2 * READ_SHARE_FRAMES)]));
  expect(phone.adapter.reader.isHolding).toBe(true);
  expect(phone.adapter.reception.bytes).toBeGreaterThan(4_900);
  end();
  await settle();
  expect(phone.adapter.reception.bytes).toBe(0);
});

test('nor do the fragments of a message, if more than a share waits behind them', async () => {
  phone.wire.arrive(clientFrame('1'.repeat(5_000), { opcode: TEXT, fin: false }));
  phone.wire.arrive(times(2 * READ_SHARE_FRAMES, clientFrame('', { opcode: PONG })));
  expect(phone.adapter.reader.isHolding).toBe(true);
  phone.adapter.cut();
  await settle();
  expect(phone.adapter.reception.bytes).toBe(0);
});
