/** Whatever order events come in, a connection leaves at most once and ends exactly once. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ConnectionEmitted, ConnectionEvent } from '../../src/machines/connection-messages.ts';
import { FAR_FUTURE_MS } from '../support/chart.ts';
import { gone, startConnection } from '../support/connection-chart.ts';

// Outside production, xstate warns about each event that is sent to an actor that has ended.
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const CLOSE = { closeCode: 4000, reason: 'test' };

const notice = fc.constantFrom('asClosed' as const, 'goingAway' as const, 'none' as const);

const event: fc.Arbitrary<ConnectionEvent> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<ConnectionEvent>({ type: 'admitted', binaryId: 'b1' }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('close' as const),
      close: fc.constantFrom(CLOSE, null),
      cause: fc.constantFrom('refused' as const, 'directive' as const, 'shutdown' as const),
      flush: fc.boolean(),
      notice,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.constantFrom<ConnectionEvent>(
      { type: 'pong.received' },
      { type: 'socket.paused' },
      { type: 'socket.resumed' },
      { type: 'backlog.flushed' },
      { type: 'close.written' },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<ConnectionEvent>(
      { type: 'message.stalled' },
      { type: 'write.stalled' },
      { type: 'message.rejected', close: CLOSE, cause: 'not_json' },
      { type: 'peer.closing' },
    ),
  },
  fc.record({ type: fc.constant('backlog.overflowed' as const), close: fc.constant(CLOSE), notice }),
);

/** An event, or so many milliseconds that pass. */
const step = fc.oneof({ weight: 3, arbitrary: event }, fc.integer({ min: 1, max: 60_000 }));

const count = (said: readonly ConnectionEmitted[], type: ConnectionEmitted['type']): number =>
  said.filter((emitted) => emitted.type === type).length;

const property = fc.property(
  fc.constantFrom('phone' as const, 'binary' as const),
  fc.array(step, { maxLength: 30 }),
  fc.constantFrom(1000, 1005, 1006, 4000),
  fc.array(event, { maxLength: 5 }),
  (role, steps, closeCode, late) => {
    const connection = startConnection(role);
    const said: ConnectionEmitted[] = [];
    for (const next of steps) {
      said.push(...(typeof next === 'number' ? connection.advance(next) : connection.send(next)));
      expect(connection.snapshot.status).toBe('active');
      expect(JSON.parse(JSON.stringify(connection.snapshot.context))).toStrictEqual(
        connection.snapshot.context,
      );
    }
    expect(count(said, 'connection.ended')).toBe(0);
    said.push(...connection.send(gone(closeCode)));
    expect(connection.snapshot.status).toBe('done');

    const { binaryId, order } = connection.snapshot.context;
    const wasRefused = binaryId === null && order !== null;
    expect(count(said, 'connection.left')).toBe(wasRefused ? 0 : 1);
    expect(count(said, 'connection.ended')).toBe(1);
    expect(said.at(-1)).toMatchObject({ type: 'connection.ended', binaryId, closeCode });
    for (const type of ['flush.due', 'close.due', 'cut.due'] as const) {
      expect(count(said, type)).toBeLessThanOrEqual(1);
    }
    const leftAt = said.findIndex(({ type }) => type === 'connection.left');
    const closeAt = said.findIndex(({ type }) => type === 'close.due');
    const lastPingAt = said.findLastIndex(({ type }) => type === 'ping.due');
    if (!wasRefused) expect(lastPingAt).toBeLessThan(leftAt);
    if (closeAt !== -1) expect(leftAt).toBeLessThan(closeAt);
    if (binaryId === null) expect(lastPingAt).toBe(-1);

    expect(connection.send(...late, gone(1000))).toStrictEqual([]);
    expect(connection.advance(FAR_FUTURE_MS)).toStrictEqual([]);
  },
);

test('any order of events ends in one leaving and one end, and silence after that', () => {
  fc.assert(property, { numRuns: 1_000 });
});
