/** A connection that waits, one that is refused, and what an open one passes to its server. */
import { describe, expect, test } from 'vitest';
import type { ConnectionEvent } from '../../src/machines/connection-messages.ts';
import type { Role } from '../../src/protocol/routing-headers.ts';
import { FAR_FUTURE_MS } from '../support/chart.ts';
import {
  admit,
  CUT,
  closeDue,
  DISCARD,
  END,
  ended,
  gone,
  left,
  openConnection,
  order,
  PING,
  refusal,
  startConnection,
  TIMING,
} from '../support/connection-chart.ts';

const CLAIMED = { closeCode: 4409, reason: 'server-id already claimed' };
const AT_CAP = { closeCode: 4429, reason: 'too many phones for server-id' };
const INTERNAL_ERROR = { closeCode: 1011, reason: 'internal error' };
const roles: Role[] = ['phone', 'binary'];

describe('a connection that waits to be admitted', () => {
  test('has no heartbeat, however long it waits', () => {
    const connection = startConnection();
    expect(connection.advance(FAR_FUTURE_MS)).toStrictEqual([]);
    expect(connection.snapshot.value).toBe('waiting');
  });

  test.each([
    ['phone', 'b1', 'registration'],
    ['binary', 'c1', 'claim'],
    ['binary', 'c1', 'reclaim'],
    ['binary', 'c1', 'takeover'],
  ] as const)(
    'is a %s, and reports under which binary and how it was admitted',
    (role, binaryId, admission) => {
      const connection = startConnection(role);
      expect(connection.send(admit(binaryId, admission))).toStrictEqual([
        { type: 'connection.admitted', binaryId, admission },
      ]);
      expect(connection.snapshot.value).toStrictEqual({ open: 'fresh' });
      expect(connection.snapshot.context).toMatchObject({ binaryId, isNoticeOwed: role === 'phone' });
    },
  );

  test('is admitted once', () => {
    const connection = openConnection();
    const { snapshot } = connection;
    expect(connection.send(admit('b9', 'registration'), refusal(CLAIMED))).toStrictEqual([]);
    expect(connection.snapshot).toBe(snapshot);
  });

  test('ignores pongs, pauses, stalls and events meant for open connections', () => {
    const connection = startConnection();
    const { snapshot } = connection;
    const noise: ConnectionEvent[] = [
      { type: 'peer.heard' },
      { type: 'socket.paused' },
      { type: 'socket.resumed' },
      { type: 'message.stalled' },
      { type: 'write.stalled' },
      { type: 'backlog.acknowledged' },
      { type: 'probe' },
      { type: 'notify', connId: 'p1', closeCode: 1000 },
      { type: 'frame.unheard' },
    ];
    expect(connection.send(...noise)).toStrictEqual([]);
    expect(connection.snapshot).toBe(snapshot);
  });
});

describe.each(roles)(
  'a %s that ends before it is admitted leaves the line, and no notice is owed',
  (role) => {
    const ends: [string, ConnectionEvent, ReturnType<ReturnType<typeof startConnection>['send']>][] = [
      ['its socket ends', gone(1006), [left(role), ended(1006, false)]],
      ['its peer closes', { type: 'peer.closed' }, [left(role), DISCARD, END]],
      ['its peer breaks the protocol', { type: 'protocol.violated' }, [left(role), DISCARD]],
      [
        'its token is revoked',
        { type: 'token.revoked' },
        [left(role), DISCARD, closeDue({ closeCode: 1008, reason: 'token revoked' })],
      ],
      ['transport throws', { type: 'fault.found' }, [left(role), DISCARD, closeDue(INTERNAL_ERROR)]],
    ];
    test.each(ends)('when %s', (_when, event, said) => {
      const connection = startConnection(role);
      expect(connection.send(event)).toStrictEqual(said);
      if (connection.snapshot.status === 'active') {
        expect(connection.send(admit('c1', 'claim'), refusal(CLAIMED))).toStrictEqual([]);
        expect(connection.send(gone(1000))).toStrictEqual([ended(1000, false)]);
      }
      expect(connection.snapshot.status).toBe('done');
    });

    test('when its server failed: no server is left to tell', () => {
      const connection = startConnection(role);
      const failed = order({ close: INTERNAL_ERROR, cause: 'internal_error', isNoticeOwed: false });
      expect(connection.send(failed)).toStrictEqual([DISCARD, closeDue(INTERNAL_ERROR)]);
      expect(connection.send(gone(1011))).toStrictEqual([ended(1011, false)]);
    });
  },
);

describe('a connection that is refused', () => {
  const cases: [Role, typeof CLAIMED][] = [
    ['binary', CLAIMED],
    ['phone', AT_CAP],
  ];
  test.each(cases)(
    'as a %s reports it, gets its close frame, and does not tell its server',
    (role, close) => {
      const connection = startConnection(role);
      expect(connection.send(refusal(close))).toStrictEqual([
        { type: 'connection.refused', close },
        DISCARD,
        closeDue(close),
      ]);
      expect(connection.snapshot.value).toStrictEqual({ refused: 'writing' });
      expect(connection.send({ type: 'close.written' })).toStrictEqual([]);
      expect(connection.snapshot.value).toStrictEqual({ refused: 'answering' });
      expect(connection.send({ type: 'peer.closed' })).toStrictEqual([END]);
      expect(connection.send(gone(close.closeCode))).toStrictEqual([ended(close.closeCode, false)]);
      expect(connection.snapshot.status).toBe('done');
    },
  );

  test('stays refused, whatever happens, and is never pinged', () => {
    const connection = startConnection();
    connection.send(refusal(AT_CAP));
    const { snapshot } = connection;
    const noise: ConnectionEvent[] = [
      admit('b1', 'registration'),
      refusal(CLAIMED),
      order(),
      { type: 'probe' },
      { type: 'token.revoked' },
      { type: 'fault.found' },
      { type: 'protocol.violated' },
      { type: 'write.stalled' },
      { type: 'message.stalled' },
      { type: 'frame.unheard' },
      { type: 'backlog.overflowed', queue: 'phone' },
    ];
    expect(connection.send(...noise)).toStrictEqual([]);
    expect(connection.snapshot).toBe(snapshot);
    expect(connection.advance(FAR_FUTURE_MS)).not.toContainEqual(PING);
    expect(connection.send(gone(1006))).toStrictEqual([ended(1006, false)]);
  });

  test('is cut when the close frame cannot be written, is not answered, or TCP does not end in time', () => {
    const { closeWriteTimeoutMs, closeAnswerTimeoutMs } = TIMING;
    const waits: [ConnectionEvent[], number][] = [
      [[], closeWriteTimeoutMs],
      [[{ type: 'close.written' }], closeAnswerTimeoutMs],
      [[{ type: 'peer.closed' }], closeWriteTimeoutMs],
    ];
    for (const [events, timeoutMs] of waits) {
      const connection = startConnection();
      connection.send(refusal(AT_CAP), ...events);
      expect(connection.advance(timeoutMs - 1)).toStrictEqual([]);
      expect(connection.advance(1)).toStrictEqual([CUT]);
      expect(connection.snapshot.value).toStrictEqual({ refused: 'cut' });
    }
  });
});

describe('an open connection', () => {
  test('sends a probe, and passes the answer on to its server', () => {
    const connection = openConnection('binary');
    expect(connection.send({ type: 'probe' })).toStrictEqual([{ type: 'probe.due' }]);
    expect(connection.send({ type: 'probe.answered' })).toStrictEqual([
      ['s1', { type: 'binary.answered', connId: 'c1' }],
    ]);
  });

  test('sends the close notice of a phone', () => {
    const connection = openConnection('binary');
    expect(connection.send({ type: 'notify', connId: 'p1', closeCode: 4000 })).toStrictEqual([
      { type: 'notice.due', connId: 'p1', closeCode: 4000 },
    ]);
  });

  test.each([true, false])('passes a directive on unchanged (its frame did not fit: %s)', (isTooLong) => {
    const connection = openConnection('binary');
    const directive = { connId: 'p1', closeCode: 999, isTooLong };
    expect(connection.send({ type: 'directive.received', ...directive })).toStrictEqual([
      ['s1', { type: 'phone.dismissed', ...directive }],
    ]);
  });

  test('tells its server of an undelivered frame, and stays open until the server decides', () => {
    const connection = openConnection();
    expect(connection.send({ type: 'frame.unheard' })).toStrictEqual([
      ['s1', { type: 'phone.unheard', connId: 'c1' }],
    ]);
    expect(connection.snapshot.value).toStrictEqual({ open: 'fresh' });
  });

  test('accepts commands in each of its states', () => {
    for (const lead of [[], ['socket.paused'], ['socket.paused', 'socket.resumed']] as const) {
      const connection = openConnection('binary');
      connection.send(...lead.map((type) => ({ type })));
      const { value } = connection.snapshot;
      const said = connection.send({ type: 'probe' }, { type: 'notify', connId: 'p1', closeCode: 1000 });
      expect(said).toHaveLength(2);
      expect(connection.snapshot.value).toStrictEqual(value);
    }
  });
});
