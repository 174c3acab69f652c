/** One connection while it is open: waiting to be admitted, and its heartbeat. */
import { describe, expect, test } from 'vitest';
import type { ConnectionEvent } from '../../src/machines/connection-messages.ts';
import { FAR_FUTURE_MS } from '../support/chart.ts';
import {
  closeDue,
  ended,
  gone,
  left,
  openConnection,
  PING,
  startConnection,
  TIMING,
} from '../support/connection-chart.ts';

const CLAIMED = { closeCode: 4409, reason: 'server-id already claimed' };
const HEARTBEAT_TIMEOUT = { closeCode: 1011, reason: 'heartbeat timeout' };
const REFUSE: ConnectionEvent = {
  type: 'close',
  close: CLAIMED,
  cause: 'refused',
  flush: false,
  notice: 'none',
};

describe('a connection that waits to be admitted', () => {
  test('has no heartbeat, however long it waits', () => {
    const connection = startConnection();
    expect(connection.advance(FAR_FUTURE_MS)).toStrictEqual([]);
    expect(connection.snapshot.value).toBe('waiting');
  });

  test('begins its heartbeat when it is admitted', () => {
    const connection = startConnection();
    connection.advance(FAR_FUTURE_MS);
    expect(connection.send({ type: 'admitted', binaryId: 'b1' })).toStrictEqual([]);
    expect(connection.snapshot.context.binaryId).toBe('b1');
    expect(connection.advance(TIMING.heartbeatIntervalMs - 1)).toStrictEqual([]);
    expect(connection.advance(1)).toStrictEqual([PING]);
  });

  test('leaves nobody when it is refused, and the binary is not told', () => {
    const connection = startConnection();
    expect(connection.send(REFUSE)).toStrictEqual([closeDue(CLAIMED)]);
    expect(connection.send({ type: 'close.written' })).toStrictEqual([]);
    expect(connection.send(gone(4409))).toStrictEqual([ended(null, 4409, null)]);
    expect(connection.snapshot.status).toBe('done');
  });

  test('is never pinged once it is refused, not even when it is admitted after that', () => {
    const connection = startConnection();
    connection.send(REFUSE);
    expect(connection.send({ type: 'admitted', binaryId: 'b1' })).toStrictEqual([]);
    expect(connection.advance(FAR_FUTURE_MS)).not.toContainEqual(PING);
    expect(connection.send(gone(1006))).toStrictEqual([ended(null, 1006, null)]);
  });

  test('leaves when its socket ends, so that the server-id can forget it', () => {
    const connection = startConnection('binary');
    expect(connection.send(gone(1006))).toStrictEqual([left('peer'), ended(null, 1006, null)]);
  });

  test('leaves when its peer closes', () => {
    const connection = startConnection('binary');
    expect(connection.send({ type: 'peer.closing' })).toStrictEqual([left('peer'), { type: 'end.due' }]);
    expect(connection.send(gone(1000))).toStrictEqual([ended(null, 1000, null)]);
  });

  test('takes no notice of pongs, pauses and stalls', () => {
    const connection = startConnection();
    const { snapshot } = connection;
    const noise: ConnectionEvent[] = [
      { type: 'pong.received' },
      { type: 'socket.paused' },
      { type: 'socket.resumed' },
      { type: 'message.stalled' },
      { type: 'write.stalled' },
    ];
    expect(connection.send(...noise)).toStrictEqual([]);
    expect(connection.snapshot).toBe(snapshot);
  });
});

describe('the heartbeat', () => {
  test('goes on and on while pongs come', () => {
    const connection = openConnection();
    for (let beat = 0; beat < 5; beat++) {
      expect(connection.advance(TIMING.heartbeatIntervalMs - 1)).toStrictEqual([]);
      expect(connection.advance(1)).toStrictEqual([PING]);
      expect(connection.snapshot.value).toStrictEqual({ open: 'awaitingPong' });
      connection.advance(TIMING.heartbeatTimeoutMs - 1);
      expect(connection.send({ type: 'pong.received' })).toStrictEqual([]);
      expect(connection.snapshot.value).toStrictEqual({ open: 'quiet' });
    }
  });

  test('ends a connection that does not answer: it leaves first, then is closed with 1011', () => {
    const connection = openConnection();
    connection.advance(TIMING.heartbeatIntervalMs);
    expect(connection.advance(TIMING.heartbeatTimeoutMs - 1)).toStrictEqual([]);
    expect(connection.advance(1)).toStrictEqual([left('heartbeat_timeout'), closeDue(HEARTBEAT_TIMEOUT)]);
    expect(connection.send({ type: 'pong.received' })).toStrictEqual([]);
    expect(connection.snapshot.value).toStrictEqual({ closing: 'writing' });
  });

  test('is not put off by pongs that were not asked for', () => {
    const connection = openConnection();
    connection.advance(TIMING.heartbeatIntervalMs - 1);
    connection.send({ type: 'pong.received' });
    expect(connection.advance(1)).toStrictEqual([PING]);
  });
});

describe('a connection that the relay does not read', () => {
  test('is not pinged', () => {
    const connection = openConnection();
    connection.send({ type: 'socket.paused' });
    expect(connection.advance(FAR_FUTURE_MS)).toStrictEqual([]);
    expect(connection.snapshot.value).toStrictEqual({ open: 'suspended' });
  });

  test('is not timed out when it was pinged before the pause', () => {
    const connection = openConnection();
    connection.advance(TIMING.heartbeatIntervalMs);
    connection.send({ type: 'socket.paused' });
    expect(connection.advance(FAR_FUTURE_MS)).toStrictEqual([]);
  });

  test('has its deadlines from the start again when it is read on', () => {
    const connection = openConnection();
    connection.advance(TIMING.heartbeatIntervalMs - 1);
    connection.send({ type: 'socket.paused' });
    connection.advance(FAR_FUTURE_MS);
    connection.send({ type: 'socket.resumed' });
    expect(connection.advance(TIMING.heartbeatIntervalMs - 1)).toStrictEqual([]);
    expect(connection.advance(1)).toStrictEqual([PING]);
    expect(connection.advance(TIMING.heartbeatTimeoutMs - 1)).toStrictEqual([]);
    expect(connection.advance(1)).toContainEqual(closeDue(HEARTBEAT_TIMEOUT));
  });

  test('is closed like any other', () => {
    const connection = openConnection();
    connection.send({ type: 'socket.paused' });
    expect(connection.send({ type: 'peer.closing' })).toStrictEqual([left('peer'), { type: 'end.due' }]);
    expect(connection.send(gone(1000))).toStrictEqual([ended('b1', 1000, 1000)]);
  });
});
