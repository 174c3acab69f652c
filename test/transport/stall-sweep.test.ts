/** The message deadline of a socket that waits for its turn: a real adapter and a real sweep, on a clock the test moves. */
import type { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import type { ConnectionRef } from '../../src/machines/directory.ts';
import { READ_SHARE_BYTES } from '../../src/protocol/limits.ts';
import { ConnectionAdapter } from '../../src/transport/connection-adapter.ts';
import type { Exchange } from '../../src/transport/exchange.ts';
import { startStallSweep } from '../../src/transport/stall-sweep.ts';
import { Turn } from '../../src/transport/turn.ts';

const MESSAGE_TIMEOUT_MS = 30_000;
/** A message that has begun, as ws keeps it. */
const PARTIAL = { _state: 5, _bufferedBytes: 100, _fragmented: 0, _opcode: 1 };

const turnEnds = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let told: string[];
let adapter: ConnectionAdapter;
let endSweep: () => void;
beforeEach(() => {
  // Turns end when the test lets the event loop go on, and take as long as it says.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  told = [];
  const ws = { isPaused: false, pause: () => {}, resume: () => {}, readyState: 1, _receiver: PARTIAL };
  adapter = new ConnectionAdapter(
    {
      connId: 'c-0123456789abcdef',
      role: 'phone',
      serverId: 's',
      binaryVersion: '',
      deviceName: '',
      remote: '127.0.0.1',
      ws: ws as unknown as WebSocket, // All of it that reading and the sweep touch.
      socket: {} as unknown as Socket, // Nothing is written here.
    },
    new Turn(),
    () => {},
  );
  const chart = { send: ({ type }: { readonly type: string }) => void told.push(type) };
  adapter.chart = chart as unknown as ConnectionRef; // It is only told things.
  const exchange = { adapters: new Map([[adapter.connId, adapter]]), observer: { observe: () => {} } };
  endSweep = startStallSweep(exchange as unknown as Exchange, {
    messageTimeoutMs: MESSAGE_TIMEOUT_MS,
    writeTimeoutMs: MESSAGE_TIMEOUT_MS,
  });
});
afterEach(() => {
  endSweep();
  vi.useRealTimers();
});

test('a message that is not completed is reported', () => {
  vi.advanceTimersByTime(MESSAGE_TIMEOUT_MS - 1_000);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(3_000);
  expect(told).toContain('message.stalled');
});

test('the time it waited for its turn is taken off, and no more than that', async () => {
  vi.advanceTimersByTime(10_000);
  adapter.reading.count(READ_SHARE_BYTES);
  vi.advanceTimersByTime(2 * MESSAGE_TIMEOUT_MS);
  expect(told).toEqual([]);
  await turnEnds();
  vi.advanceTimersByTime(MESSAGE_TIMEOUT_MS - 11_000);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(3_000);
  expect(told).toContain('message.stalled');
});
