/** Who reads how much in a turn of the event loop: a real adapter, on a socket that only says whether it is read. */
import type { Socket } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import type { ConnectionRef } from '../../src/machines/directory.ts';
import { READ_SHARE_BYTES } from '../../src/protocol/limits.ts';
import { ConnectionAdapter } from '../../src/transport/connection-adapter.ts';
import { Turn } from '../../src/transport/turn.ts';

const turnEnds = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let isRead: boolean;
let told: string[];
let adapter: ConnectionAdapter;
beforeEach(() => {
  isRead = true;
  told = [];
  const ws = {
    get isPaused() {
      return !isRead;
    },
    pause: () => {
      isRead = false;
    },
    resume: () => {
      isRead = true;
    },
  };
  adapter = new ConnectionAdapter(
    {
      connId: 'c-0123456789abcdef',
      role: 'phone',
      serverId: 's',
      binaryVersion: '',
      deviceName: '',
      remote: '127.0.0.1',
      ws: ws as unknown as WebSocket, // All of it that reading touches.
      socket: {} as unknown as Socket, // Nothing is written here.
    },
    new Turn(),
    () => {},
  );
  const chart = { send: ({ type }: { readonly type: string }) => void told.push(type) };
  adapter.chart = chart as unknown as ConnectionRef; // It is only told things.
});

describe('one socket', () => {
  test('is read as long as it has not had its share of the turn', () => {
    adapter.reading.count(READ_SHARE_BYTES - 1);
    expect(isRead).toBe(true);
  });

  test('is left alone once it has, until the next turn, without a word to its chart', async () => {
    adapter.reading.count(READ_SHARE_BYTES / 2);
    adapter.reading.count(READ_SHARE_BYTES / 2);
    expect(isRead).toBe(false);
    expect(adapter.isPaused).toBe(false);
    await turnEnds();
    expect(isRead).toBe(true);
    expect(told).toEqual([]);
  });

  test('has a whole share again in each turn', async () => {
    for (let turn = 0; turn < 3; turn++) {
      adapter.reading.count(READ_SHARE_BYTES - 1);
      expect(isRead).toBe(true);
      adapter.reading.count(1);
      expect(isRead).toBe(false);
      await turnEnds();
    }
  });

  test('that is held back stays so when the turn ends', async () => {
    adapter.reading.count(READ_SHARE_BYTES);
    adapter.pause();
    await turnEnds();
    expect(isRead).toBe(false);
    expect(adapter.isPaused).toBe(true);
    adapter.resume();
    expect(isRead).toBe(true);
    expect(told).toEqual(['socket.paused', 'socket.resumed']);
  });

  test('that is let go within the turn waits for the end of it', async () => {
    adapter.pause();
    adapter.reading.count(READ_SHARE_BYTES);
    adapter.resume();
    expect(isRead).toBe(false);
    await turnEnds();
    expect(isRead).toBe(true);
  });
});
