/** The heartbeat of an open connection: an individual first delay, then full intervals, and no ping while paused. */
import { describe, expect, test } from 'vitest';
import { FAR_FUTURE_MS } from '../support/chart.ts';
import {
  admit,
  type ConnectionRun,
  closeDue,
  DISCARD,
  END,
  ended,
  FIRST_HEARTBEAT_MS,
  gone,
  left,
  notice,
  openConnection,
  PING,
  reported,
  startConnection,
  TIMING,
} from '../support/connection-chart.ts';

const HEARTBEAT_TIMEOUT = { closeCode: 1011, reason: 'heartbeat timeout' };

const expectPingAfter = (connection: ConnectionRun, ms: number): void => {
  expect(connection.advance(ms - 1)).toStrictEqual([]);
  expect(connection.advance(1)).toStrictEqual([PING]);
};

describe('the heartbeat', () => {
  test('begins at admission, however long that took', () => {
    const connection = startConnection();
    connection.advance(FAR_FUTURE_MS);
    connection.send(admit('b1', 'registration'));
    expectPingAfter(connection, FIRST_HEARTBEAT_MS);
  });

  test('continues while pongs arrive: only the first ping has its own delay', () => {
    const connection = openConnection();
    for (let beat = 0; beat < 5; beat++) {
      expectPingAfter(connection, beat === 0 ? FIRST_HEARTBEAT_MS : TIMING.heartbeatIntervalMs);
      expect(connection.snapshot.value).toStrictEqual({ open: 'pinged' });
      connection.advance(TIMING.heartbeatTimeoutMs - 1);
      expect(connection.send({ type: 'peer.heard' })).toStrictEqual([]);
      expect(connection.snapshot.value).toStrictEqual({ open: 'quiet' });
    }
  });

  test('ends a phone that does not answer: it leaves, its notice is sent, then it is closed with 1011', () => {
    const connection = openConnection();
    connection.advance(FIRST_HEARTBEAT_MS);
    expect(connection.advance(TIMING.heartbeatTimeoutMs - 1)).toStrictEqual([]);
    expect(connection.advance(1)).toStrictEqual([
      reported('heartbeat_timeout'),
      left('phone'),
      notice(1011),
      DISCARD,
      closeDue(HEARTBEAT_TIMEOUT),
    ]);
    expect(connection.send({ type: 'peer.heard' })).toStrictEqual([]);
    expect(connection.snapshot.value).toStrictEqual({ closing: 'writing' });
  });

  test('ends a binary that does not answer, without a notice', () => {
    const connection = openConnection('binary');
    connection.advance(FIRST_HEARTBEAT_MS);
    expect(connection.advance(TIMING.heartbeatTimeoutMs)).toStrictEqual([
      reported('heartbeat_timeout'),
      left('binary'),
      DISCARD,
      closeDue(HEARTBEAT_TIMEOUT),
    ]);
  });

  test('is not delayed by unsolicited pongs', () => {
    const connection = openConnection();
    connection.advance(FIRST_HEARTBEAT_MS - 1);
    connection.send({ type: 'peer.heard' });
    expect(connection.advance(1)).toStrictEqual([PING]);
    connection.send({ type: 'peer.heard' });
    connection.advance(TIMING.heartbeatIntervalMs - 1);
    connection.send({ type: 'peer.heard' });
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
    connection.advance(FIRST_HEARTBEAT_MS);
    connection.send({ type: 'socket.paused' });
    expect(connection.advance(FAR_FUTURE_MS)).toStrictEqual([]);
  });

  test.each([
    ['before its first ping', 0],
    ['between two pings', 1],
  ])('paused %s has a full interval again when it is resumed', (_when, beats) => {
    const connection = openConnection();
    for (let beat = 0; beat < beats; beat++) {
      connection.advance(FIRST_HEARTBEAT_MS);
      connection.send({ type: 'peer.heard' });
    }
    connection.advance(FIRST_HEARTBEAT_MS - 1);
    connection.send({ type: 'socket.paused' });
    connection.advance(FAR_FUTURE_MS);
    connection.send({ type: 'socket.resumed' });
    expectPingAfter(connection, TIMING.heartbeatIntervalMs);
    expect(connection.advance(TIMING.heartbeatTimeoutMs - 1)).toStrictEqual([]);
    expect(connection.advance(1)).toContainEqual(closeDue(HEARTBEAT_TIMEOUT));
  });

  test('is closed like any other', () => {
    const connection = openConnection();
    connection.send({ type: 'socket.paused' });
    expect(connection.send({ type: 'peer.closed' })).toStrictEqual([
      reported('peer'),
      left('phone'),
      DISCARD,
      END,
    ]);
    expect(connection.send(gone(1000))).toStrictEqual([notice(1000), ended(1000)]);
  });
});
