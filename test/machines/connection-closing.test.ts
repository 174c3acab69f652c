/** How a connection comes to its end: what is sent, in which order, by when, and what the binary learns. */
import { describe, expect, test } from 'vitest';
import type { CloseOrder, ConnectionEvent } from '../../src/machines/connection-messages.ts';
import type { Role } from '../../src/protocol/routing-headers.ts';
import { FAR_FUTURE_MS } from '../support/chart.ts';
import {
  CUT,
  closeDue,
  ended,
  FLUSH,
  gone,
  left,
  openConnection,
  startConnection,
  TIMING,
} from '../support/connection-chart.ts';

const SHUTDOWN = { closeCode: 1001, reason: 'shutting down' };
const RECLAIMED = { closeCode: 4404, reason: 'binary reclaimed server-id' };
const BACKLOG_FULL = { closeCode: 1011, reason: 'phone backlog full' };
const NOT_JSON = { closeCode: 1000, reason: '' };
const PEER_CLOSING: ConnectionEvent = { type: 'peer.closing' };
const CLOSE_WRITTEN: ConnectionEvent = { type: 'close.written' };
const WRITE_STALLED: ConnectionEvent = { type: 'write.stalled' };
const REJECTED: ConnectionEvent = { type: 'message.rejected', close: NOT_JSON, cause: 'not_json' };

const order = (change: Partial<CloseOrder> = {}): ConnectionEvent => ({
  type: 'close',
  close: RECLAIMED,
  cause: 'reclaimed',
  flush: false,
  notice: 'asClosed',
  ...change,
});

const FLUSHED_ORDER = order({ close: SHUTDOWN, cause: 'shutdown', flush: true });

describe('a close that is ordered', () => {
  test('drops what waits: the connection leaves, then the close frame goes out', () => {
    const connection = openConnection();
    expect(connection.send(order())).toStrictEqual([left('reclaimed'), closeDue(RECLAIMED)]);
    expect(connection.snapshot.value).toStrictEqual({ closing: 'writing' });
  });

  test('sends what waits before the close frame when that is part of the order', () => {
    const connection = openConnection();
    expect(connection.send(FLUSHED_ORDER)).toStrictEqual([left('shutdown'), FLUSH]);
    expect(connection.send(CLOSE_WRITTEN)).toStrictEqual([]);
    expect(connection.send({ type: 'backlog.flushed' })).toStrictEqual([closeDue(SHUTDOWN)]);
  });

  test('gives up on what waits when the peer stops taking it', () => {
    const connection = openConnection();
    connection.send(FLUSHED_ORDER);
    expect(connection.send(WRITE_STALLED)).toStrictEqual([closeDue(SHUTDOWN)]);
    expect(connection.send({ type: 'backlog.flushed' })).toStrictEqual([]);
  });

  test('cuts TCP when the close frame cannot be written in time', () => {
    const connection = openConnection();
    connection.send(order());
    expect(connection.advance(TIMING.closeWriteTimeoutMs - 1)).toStrictEqual([]);
    expect(connection.advance(1)).toStrictEqual([CUT]);
    expect(connection.advance(FAR_FUTURE_MS)).toStrictEqual([]);
    expect(connection.send(gone(1006))).toStrictEqual([ended('b1', 1006, 1001)]);
  });

  test('cuts TCP when the peer does not answer in time, counted from the writing', () => {
    const connection = openConnection();
    connection.send(order());
    connection.advance(TIMING.closeWriteTimeoutMs - 1);
    expect(connection.send(CLOSE_WRITTEN)).toStrictEqual([]);
    expect(connection.advance(TIMING.closeAnswerTimeoutMs - 1)).toStrictEqual([]);
    expect(connection.advance(1)).toStrictEqual([CUT]);
  });

  test('is the only one: a second order changes nothing', () => {
    const connection = openConnection();
    connection.send(order());
    expect(connection.send(FLUSHED_ORDER, REJECTED, WRITE_STALLED, PEER_CLOSING)).toStrictEqual([]);
    expect(connection.snapshot.context.order).toMatchObject({ close: RECLAIMED, cause: 'reclaimed' });
  });
});

describe('a peer that closes', () => {
  test('leaves, and gets no second close frame', () => {
    const connection = openConnection();
    expect(connection.send(PEER_CLOSING)).toStrictEqual([left('peer'), { type: 'end.due' }]);
    expect(connection.snapshot.value).toStrictEqual({ closing: 'finishing' });
    expect(connection.send(order())).toStrictEqual([]);
  });

  test('or breaks the protocol has time for the close frame that says so, and then to answer it', () => {
    const connection = openConnection();
    expect(connection.send({ type: 'protocol.violated' })).toStrictEqual([left('protocol_error')]);
    expect(connection.advance(TIMING.closeWriteTimeoutMs)).toStrictEqual([]);
    expect(connection.advance(TIMING.closeAnswerTimeoutMs - 1)).toStrictEqual([]);
    expect(connection.advance(1)).toStrictEqual([CUT]);
  });

  test('slowly takes what waits for it only for so long', () => {
    const connection = openConnection();
    connection.send(order({ flush: true }));
    expect(connection.snapshot.value).toStrictEqual({ closing: 'flushing' });
    expect(connection.advance(TIMING.flushTimeoutMs - 1)).toStrictEqual([]);
    connection.advance(1);
    expect(connection.snapshot.value).toStrictEqual({ closing: 'writing' });
  });

  test('is cut when TCP does not end in time', () => {
    const connection = openConnection();
    connection.send(PEER_CLOSING);
    expect(connection.advance(TIMING.closeWriteTimeoutMs - 1)).toStrictEqual([]);
    expect(connection.advance(1)).toStrictEqual([CUT]);
  });

  test('may vanish without a word', () => {
    const connection = openConnection();
    expect(connection.send(gone(1006))).toStrictEqual([left('peer'), ended('b1', 1006, 1001)]);
    expect(connection.snapshot.status).toBe('done');
  });
});

describe('a connection that breaks a rule', () => {
  const stalls: [Role, string][] = [
    ['phone', 'phone write failed'],
    ['binary', 'binary write failed'],
  ];
  test.each(stalls)('a %s that takes nothing is closed with 1011', (role, reason) => {
    const connection = openConnection(role);
    expect(connection.send(WRITE_STALLED)).toStrictEqual([
      left('write_stalled'),
      closeDue({ closeCode: 1011, reason }),
    ]);
  });

  test('a message that stands incomplete for too long cuts TCP, without a close frame', () => {
    const connection = openConnection();
    expect(connection.send({ type: 'message.stalled' })).toStrictEqual([left('message_stalled'), CUT]);
    expect(connection.advance(FAR_FUTURE_MS)).toStrictEqual([]);
    expect(connection.send(gone(1006))).toStrictEqual([ended('b1', 1006, 1001)]);
  });

  test('a full backlog closes with what the overflow says', () => {
    const connection = openConnection();
    expect(
      connection.send({ type: 'backlog.overflowed', close: BACKLOG_FULL, notice: 'asClosed' }),
    ).toStrictEqual([left('backlog_full'), closeDue(BACKLOG_FULL)]);
  });

  test('a message that is not JSON closes with 1000', () => {
    const connection = openConnection();
    expect(connection.send(REJECTED)).toStrictEqual([left('not_json'), closeDue(NOT_JSON)]);
  });

  test('a message that is not UTF-8 closes with 1007', () => {
    const connection = openConnection('binary');
    const close = { closeCode: 1007, reason: '' };
    expect(connection.send({ type: 'message.rejected', close, cause: 'not_utf8' })).toStrictEqual([
      left('not_utf8'),
      closeDue(close),
    ]);
  });

  test('all of it counts while the socket is paused, too', () => {
    const connection = openConnection();
    connection.send({ type: 'socket.paused' });
    expect(connection.send(WRITE_STALLED)).toContainEqual(left('write_stalled'));
  });
});

describe('what the binary is told of the end of a phone', () => {
  const cases: [string, ConnectionEvent[], number, number | null][] = [
    ['the code of a phone that closed', [PEER_CLOSING], 4000, 4000],
    ['1005 when the phone gave no code', [PEER_CLOSING], 1005, 1005],
    ['1001 when the phone vanished', [], 1006, 1001],
    ['the code with which the phone answered an ordered close', [order()], 4404, 4404],
    ['1001 when the phone did not answer an ordered close', [order()], 1006, 1001],
    ['1001 whatever the phone says after a message that is not JSON', [REJECTED], 1000, 1001],
    ['1001 after a message that stalled', [{ type: 'message.stalled' }], 1000, 1001],
    ['the answer to a write that stalled', [WRITE_STALLED], 1011, 1011],
    [
      'nothing when the binary asked for the close',
      [order({ cause: 'directive', notice: 'none' })],
      1000,
      null,
    ],
    [
      'nothing when the close that the binary asked for overflowed',
      [{ type: 'backlog.overflowed', close: BACKLOG_FULL, notice: 'none' }],
      1006,
      null,
    ],
  ];
  test.each(cases)('%s', (_name, events, closeCode, noticeCode) => {
    const connection = openConnection();
    connection.send(...events);
    expect(connection.send(gone(closeCode)).at(-1)).toStrictEqual(ended('b1', closeCode, noticeCode));
  });

  test.each([1000, 1005, 1006])('nothing when it was never admitted and ended with %i', (closeCode) => {
    const connection = startConnection();
    expect(connection.send(gone(closeCode)).at(-1)).toStrictEqual(ended(null, closeCode, null));
  });
});
