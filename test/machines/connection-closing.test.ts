/** How a connection ends: what is sent, in which order, with which deadlines, and what the binary is told. */
import { describe, expect, test } from 'vitest';
import type { ConnectionEvent } from '../../src/machines/connection-messages.ts';
import { FAR_FUTURE_MS } from '../support/chart.ts';
import {
  CUT,
  closeDue,
  DISCARD,
  END,
  ended,
  FLUSH,
  FLUSHED_ORDER,
  gone,
  left,
  notice,
  openConnection,
  order,
  reported,
  TIMING,
} from '../support/connection-chart.ts';

const SHUTDOWN = { closeCode: 1001, reason: 'shutting down' };
const RECLAIMED = { closeCode: 4404, reason: 'binary reclaimed server-id' };
const PEER_CLOSED: ConnectionEvent = { type: 'peer.closed' };
const CLOSE_WRITTEN: ConnectionEvent = { type: 'close.written' };
const FLUSHED: ConnectionEvent = { type: 'backlog.flushed' };
const WRITE_STALLED: ConnectionEvent = { type: 'write.stalled' };
const REJECTED: ConnectionEvent = { type: 'message.rejected', cause: 'not_json' };

describe('a close that is ordered', () => {
  test('drops the backlog and sends the close frame; the server, which ordered it, is told nothing', () => {
    const connection = openConnection();
    expect(connection.send(order())).toStrictEqual([reported('reclaimed'), DISCARD, closeDue(RECLAIMED)]);
    expect(connection.snapshot.value).toStrictEqual({ closing: 'writing' });
  });

  test('sends the backlog before the close frame if the order says so', () => {
    const connection = openConnection();
    expect(connection.send(FLUSHED_ORDER)).toStrictEqual([reported('shutdown'), DISCARD, FLUSH]);
    expect(connection.send(CLOSE_WRITTEN)).toStrictEqual([]);
    expect(connection.send(FLUSHED)).toStrictEqual([closeDue(SHUTDOWN)]);
  });

  test('drops the backlog when the peer stops reading', () => {
    const connection = openConnection();
    connection.send(FLUSHED_ORDER);
    expect(connection.send(WRITE_STALLED)).toStrictEqual([closeDue(SHUTDOWN)]);
    expect(connection.send(FLUSHED)).toStrictEqual([]);
  });

  test('drops the backlog after the flush timeout, even if the peer still reads a little', () => {
    const connection = openConnection();
    connection.send(FLUSHED_ORDER);
    expect(connection.advance(TIMING.flushTimeoutMs - 1)).toStrictEqual([]);
    expect(connection.snapshot.value).toStrictEqual({ closing: 'flushing' });
    expect(connection.advance(1)).toStrictEqual([closeDue(SHUTDOWN)]);
    expect(connection.snapshot.value).toStrictEqual({ closing: 'writing' });
  });

  test('cuts TCP when the close frame cannot be written in time', () => {
    const connection = openConnection();
    connection.send(order());
    expect(connection.advance(TIMING.closeWriteTimeoutMs - 1)).toStrictEqual([]);
    expect(connection.advance(1)).toStrictEqual([CUT]);
    expect(connection.advance(FAR_FUTURE_MS)).toStrictEqual([]);
    expect(connection.send(gone(1006))).toStrictEqual([notice(1001), ended(1006)]);
  });

  test('cuts TCP when the peer does not answer in time, counted from when the close frame was written', () => {
    const connection = openConnection();
    connection.send(order());
    connection.advance(TIMING.closeWriteTimeoutMs - 1);
    expect(connection.send(CLOSE_WRITTEN)).toStrictEqual([]);
    expect(connection.advance(TIMING.closeAnswerTimeoutMs - 1)).toStrictEqual([]);
    expect(connection.advance(1)).toStrictEqual([CUT]);
  });

  test('is final: a second order or a later fault changes nothing', () => {
    const connection = openConnection();
    connection.send(order());
    const { snapshot } = connection;
    expect(connection.send(FLUSHED_ORDER, REJECTED, WRITE_STALLED)).toStrictEqual([]);
    expect(connection.snapshot).toBe(snapshot);
    expect(connection.snapshot.context.order).toStrictEqual({ close: RECLAIMED, flush: false });
  });
});

describe('a peer that answers the close frame', () => {
  test.each([
    ['while the frame is being written', [order()], 'writing'],
    ['once it is written', [order(), CLOSE_WRITTEN], 'answering'],
    ['or closes while the backlog is sent', [FLUSHED_ORDER], 'flushing'],
  ] as const)('%s: the relay ends TCP at once', (_when, events, state) => {
    const connection = openConnection();
    connection.send(...events);
    expect(connection.snapshot.value).toStrictEqual({ closing: state });
    expect(connection.send(PEER_CLOSED)).toStrictEqual([END]);
    expect(connection.snapshot.value).toStrictEqual({ closing: 'finishing' });
    expect(connection.send(PEER_CLOSED, CLOSE_WRITTEN, FLUSHED)).toStrictEqual([]);
    expect(connection.advance(TIMING.closeWriteTimeoutMs - 1)).toStrictEqual([]);
    expect(connection.advance(1)).toStrictEqual([CUT]);
  });
});

describe('a peer that closes', () => {
  test('leaves at once and gets no second close frame, and its notice waits until its socket has ended', () => {
    const connection = openConnection();
    expect(connection.send(PEER_CLOSED)).toStrictEqual([reported('peer'), left('phone'), DISCARD, END]);
    expect(connection.snapshot.value).toStrictEqual({ closing: 'finishing' });
    expect(connection.send(order(), PEER_CLOSED)).toStrictEqual([]);
    expect(connection.send(gone(4000))).toStrictEqual([notice(4000), ended(4000)]);
  });

  test('is cut when TCP does not end in time', () => {
    const connection = openConnection();
    connection.send(PEER_CLOSED);
    expect(connection.advance(TIMING.closeWriteTimeoutMs - 1)).toStrictEqual([]);
    expect(connection.advance(1)).toStrictEqual([CUT]);
    expect(connection.send(gone(1006))).toStrictEqual([notice(1001), ended(1006)]);
  });

  test('may end TCP without a close frame', () => {
    const connection = openConnection();
    expect(connection.send(gone(1006))).toStrictEqual([
      reported('peer'),
      left('phone'),
      notice(1001),
      ended(1006),
    ]);
    expect(connection.snapshot.status).toBe('done');
  });

  test('causes no notice if it is a binary', () => {
    const closing = openConnection('binary');
    expect(closing.send(PEER_CLOSED)).toStrictEqual([reported('peer'), left('binary'), DISCARD, END]);
    expect(closing.send(gone(1000))).toStrictEqual([ended(1000)]);
    const vanishing = openConnection('binary');
    expect(vanishing.send(gone(1006))).toStrictEqual([reported('peer'), left('binary'), ended(1006)]);
  });
});

describe('the close notice of a phone', () => {
  const cases: [string, ConnectionEvent[], number, number][] = [
    ['has the code of a phone that closed', [PEER_CLOSED], 4000, 4000],
    ['has 1005 when the phone gave no code', [PEER_CLOSED], 1005, 1005],
    ['has 1001 when TCP ended without a close frame', [], 1006, 1001],
    ['has the code with which the phone answered an ordered close', [order()], 4404, 4404],
    ['has 1001 when the phone did not answer an ordered close', [order()], 1006, 1001],
  ];
  test.each(cases)('%s', (_name, events, closeCode, noticeCode) => {
    const connection = openConnection();
    const told = connection.send(...events, gone(closeCode)).filter((one) => Array.isArray(one));
    expect(told.filter(([, event]) => event.type === 'phone.ended')).toStrictEqual([notice(noticeCode)]);
  });

  test.each([1000, 1005, 1006])('is not sent when the server says that none is owed (%i)', (closeCode) => {
    const connection = openConnection();
    connection.send(order({ cause: 'directive', flush: true, isNoticeOwed: false }));
    expect(connection.send(gone(closeCode))).toStrictEqual([ended(closeCode)]);
  });

  test('is not sent when TCP was cut after a close that the binary asked for', () => {
    const connection = openConnection();
    connection.send(order({ cause: 'directive', isNoticeOwed: false }));
    expect(connection.advance(FAR_FUTURE_MS)).toStrictEqual([CUT]);
    expect(connection.send(gone(1006))).toStrictEqual([ended(1006)]);
  });
});
