/** How much of one socket is read in a turn of the event loop. */
import { beforeEach, describe, expect, test } from 'vitest';
import { READ_SHARE_BYTES } from '../../src/protocol/limits.ts';
import type { ConnectionAdapter } from '../../src/transport/connection-adapter.ts';
import { Turn } from '../../src/transport/turn.ts';
import { connect, turnEnds } from '../support/read-peer.ts';

describe('one socket', () => {
  let isRead: () => boolean;
  let told: readonly string[];
  let adapter: ConnectionAdapter;
  beforeEach(() => {
    ({ adapter, isRead, told } = connect(new Turn(), 'phone', 's'));
  });

  test('is read as long as it has not had its share of the turn', () => {
    adapter.reading.count(READ_SHARE_BYTES - 1);
    expect(isRead()).toBe(true);
  });

  test('is left alone once it has, until the next turn, without a word to its chart', async () => {
    adapter.reading.count(READ_SHARE_BYTES / 2);
    adapter.reading.count(READ_SHARE_BYTES / 2);
    expect(isRead()).toBe(false);
    expect(adapter.isPaused).toBe(false);
    await turnEnds();
    expect(isRead()).toBe(true);
    expect(told).toEqual([]);
  });

  test('has a whole share again in each turn', async () => {
    for (let n = 0; n < 3; n++) {
      adapter.reading.count(READ_SHARE_BYTES - 1);
      expect(isRead()).toBe(true);
      adapter.reading.count(1);
      expect(isRead()).toBe(false);
      await turnEnds();
    }
  });

  test('that is held back stays so when the turn ends', async () => {
    adapter.reading.count(READ_SHARE_BYTES);
    adapter.pause();
    await turnEnds();
    expect(isRead()).toBe(false);
    expect(adapter.isPaused).toBe(true);
    adapter.resume();
    expect(told).toEqual(['socket.paused', 'socket.resumed']);
    await turnEnds();
    expect(isRead()).toBe(true);
  });

  test('that is let go within the turn waits for the end of it', async () => {
    adapter.pause();
    adapter.reading.count(READ_SHARE_BYTES);
    adapter.resume();
    expect(isRead()).toBe(false);
    await turnEnds();
    expect(isRead()).toBe(true);
  });
});

describe('one that has broken the protocol, and is read on behind our back,', () => {
  test('is paused again for as long as it is held back', () => {
    const { adapter, isRead, breakProtocol } = connect(new Turn(), 'phone', 's');
    adapter.pause();
    breakProtocol();
    adapter.reading.count(READ_SHARE_BYTES);
    expect(isRead()).toBe(false);
  });

  test('and for as long as it waits for its turn', async () => {
    const { adapter, isRead, breakProtocol } = connect(new Turn(), 'phone', 's');
    adapter.reading.count(READ_SHARE_BYTES);
    breakProtocol();
    adapter.reading.count(1);
    expect(isRead()).toBe(false);
    await turnEnds();
    expect(isRead()).toBe(true);
    adapter.reading.count(READ_SHARE_BYTES);
    expect(isRead()).toBe(false);
  });
});
