/** How much of one socket is read in a turn of the event loop. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  MIN_WAITING_BYTES,
  MIN_WAITING_FRAMES,
  READ_SHARE_BYTES,
  READ_SHARE_FRAMES,
  TURN_FRAMES,
  WAITING_READERS_PER_TURN,
} from '../../src/protocol/limits.ts';
import type { ConnectionAdapter } from '../../src/transport/connection-adapter.ts';
import { clientFrame } from '../support/raw-socket.ts';
import { connect } from '../support/read-peer.ts';
import { newTurn, turnEnds } from '../support/turns.ts';
import { type WiredPeer, WiredRelay } from '../support/wired-relay.ts';

describe('one socket', () => {
  let isRead: () => boolean;
  let isReadByNode: () => boolean;
  let told: readonly string[];
  let adapter: ConnectionAdapter;
  beforeEach(() => {
    ({ adapter, isRead, isReadByNode, told } = connect(newTurn(), 'phone', 's'));
  });

  test('is read until it has read its share of the turn', () => {
    adapter.reader.count(READ_SHARE_BYTES - 1);
    expect(isRead()).toBe(true);
  });

  test('then waits for the next turn, and its chart is not told', async () => {
    adapter.reader.count(READ_SHARE_BYTES / 2);
    adapter.reader.count(READ_SHARE_BYTES / 2);
    expect(isRead()).toBe(false);
    expect(adapter.isPaused).toBe(false);
    await turnEnds();
    expect(isRead()).toBe(true);
    expect(told).toEqual([]);
  });

  test('holds no further read while it waits: Node would read once more after a pause', async () => {
    adapter.reader.count(READ_SHARE_BYTES);
    expect(isReadByNode()).toBe(false);
    await turnEnds();
    expect(isReadByNode()).toBe(true);
  });

  test('is read by Node after its turn even if it is paused by then, so that a reset is noticed', async () => {
    adapter.reader.count(READ_SHARE_BYTES);
    adapter.pause();
    await turnEnds();
    expect(isRead()).toBe(false);
    expect(isReadByNode()).toBe(true);
  });

  test('has a new share in each turn', async () => {
    for (let n = 0; n < 3; n++) {
      adapter.reader.count(READ_SHARE_BYTES - 1);
      expect(isRead()).toBe(true);
      adapter.reader.count(1);
      expect(isRead()).toBe(false);
      await turnEnds();
    }
  });

  test('that is paused stays paused when the turn ends', async () => {
    adapter.reader.count(READ_SHARE_BYTES);
    adapter.pause();
    await turnEnds();
    expect(isRead()).toBe(false);
    expect(adapter.isPaused).toBe(true);
    adapter.resume();
    expect(told).toEqual(['socket.paused', 'socket.resumed']);
    await turnEnds();
    expect(isRead()).toBe(true);
  });

  test('that is resumed within the turn waits for its end', async () => {
    adapter.pause();
    adapter.reader.count(READ_SHARE_BYTES);
    adapter.resume();
    expect(isRead()).toBe(false);
    await turnEnds();
    expect(isRead()).toBe(true);
  });
});

test('bytes count even if they are dropped: a binary that floods waits for the next turn too', async () => {
  const relay = new WiredRelay();
  const binary = await relay.dial('binary');
  const dropped = clientFrame(
    JSON.stringify({ conn_id: 'c-0123456789abcdef', frame: 'x'.repeat(READ_SHARE_BYTES / 8) }),
  );
  binary.wire.arrive(Buffer.concat(Array.from({ length: 8 }, () => dropped)));
  expect(binary.adapter.ws.isPaused).toBe(true);
  await turnEnds();
  expect(binary.adapter.ws.isPaused).toBe(false);
  expect(relay.observed('envelope.unknown_conn')).toHaveLength(8);
  relay.dispose();
});

describe('one that ws has resumed by itself, after a protocol error,', () => {
  test('is paused again while back-pressure lasts', () => {
    const { adapter, isRead, breakProtocol } = connect(newTurn(), 'phone', 's');
    adapter.pause();
    breakProtocol();
    adapter.reader.count(READ_SHARE_BYTES);
    expect(isRead()).toBe(false);
  });

  test('is paused again while it waits for its turn', async () => {
    const { adapter, isRead, breakProtocol } = connect(newTurn(), 'phone', 's');
    adapter.reader.count(READ_SHARE_BYTES);
    breakProtocol();
    adapter.reader.count(1);
    expect(isRead()).toBe(false);
    await turnEnds();
    expect(isRead()).toBe(true);
    adapter.reader.count(READ_SHARE_BYTES);
    expect(isRead()).toBe(false);
  });
});

test('sockets that bring less than a share each are stopped once all together have brought what a turn may', async () => {
  const relay = new WiredRelay({ maxPhones: 0 });
  await relay.dial('binary');
  const phones: WiredPeer[] = [];
  for (let i = 0; i < 100; i++) phones.push(await relay.dial('phone'));
  const frames = READ_SHARE_FRAMES - 1;
  for (const { wire } of phones)
    wire.arrive(Buffer.concat(Array.from({ length: frames }, () => clientFrame('1'))));
  const read = (): number => phones.reduce((sum, { adapter }) => sum + adapter.messagesRead, 0);
  await new Promise((done) => setImmediate(done));
  expect(read()).toBeGreaterThanOrEqual(TURN_FRAMES);
  expect(read()).toBeLessThan(TURN_FRAMES + 100 * MIN_WAITING_FRAMES);
  for (let turn = 0; turn < 100; turn++) await turnEnds();
  expect(read()).toBe(100 * frames);
  relay.dispose();
});

test('once all sockets together have brought what a turn may, short reads are begun, and longer ones wait', async () => {
  const relay = new WiredRelay();
  const [full, short, longer] = [
    await relay.dial('binary', 's-full'),
    await relay.dial('binary', 's-short'),
    await relay.dial('binary', 's-longer'),
  ];
  const holder = {};
  relay.plane.turn.holdReaders(holder);
  const dropped = (bytes: number): Buffer => {
    const envelope = (frame: string): string => JSON.stringify({ conn_id: 'c-0123456789abcdef', frame });
    return clientFrame(envelope('x'.repeat(bytes - clientFrame(envelope('')).length - 2)));
  };
  const shortest = dropped(MIN_WAITING_BYTES);
  full.wire.arrive(Buffer.concat([shortest, shortest]));
  short.wire.arrive(shortest.subarray(0, -1));
  longer.wire.arrive(shortest);
  const reads = (): boolean[] => [full, short, longer].map(({ adapter }) => adapter.ws.isPaused);
  expect(reads()).toEqual([true, false, true]);
  relay.plane.turn.releaseReaders(holder);
  await turnEnds();
  expect(reads()).toEqual([false, false, false]);
  relay.dispose();
});

test('whole reads are not even begun once all sockets together have brought what a turn may', async () => {
  const relay = new WiredRelay();
  const binaries: WiredPeer[] = [];
  for (let i = 0; i < 100; i++) binaries.push(await relay.dial('binary', `s-${i}`));
  // To no phone, so that no queue grows.
  const dropped = clientFrame(
    JSON.stringify({
      conn_id: 'c-0123456789abcdef',
      frame: 'x'.repeat(READ_SHARE_BYTES / READ_SHARE_FRAMES),
    }),
  );
  for (const { wire } of binaries)
    wire.arrive(Buffer.concat(Array.from({ length: READ_SHARE_FRAMES }, () => dropped)));
  const counts = (): number[] => binaries.map(({ adapter }) => adapter.messagesRead);
  await new Promise((done) => setImmediate(done));
  // What one turn may bring, and what those who waited longest bring in the next.
  const begun = counts().filter((count) => count > 0).length;
  expect(begun).toBeGreaterThanOrEqual(TURN_FRAMES / READ_SHARE_FRAMES);
  expect(begun).toBeLessThanOrEqual(TURN_FRAMES / READ_SHARE_FRAMES + WAITING_READERS_PER_TURN);
  for (let turn = 0; turn < 200; turn++) await turnEnds();
  expect(counts()).toEqual(binaries.map(() => READ_SHARE_FRAMES));
  relay.dispose();
});
