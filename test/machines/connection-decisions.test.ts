/**
 * Why a connection decides to close, with which close frame, and which notice the binary of a phone gets: once, with the
 * decision. No frame of the phone follows the decision, so the notice need not wait for the end of its socket.
 */
import { describe, expect, test } from 'vitest';
import type { CloseCause, ConnectionEvent } from '../../src/machines/connection-messages.ts';
import type { Close } from '../../src/protocol/close-codes.ts';
import {
  type ConnectionRun,
  CUT,
  closeDue,
  DISCARD,
  ended,
  FIRST_HEARTBEAT_MS,
  gone,
  left,
  notice,
  openConnection,
  order,
  reported,
  TIMING,
} from '../support/connection-chart.ts';

const internal = (reason: string): Close => ({ closeCode: 1011, reason });
const NOT_JSON: Close = { closeCode: 1000, reason: '' };
const NOT_UTF8: Close = { closeCode: 1007, reason: '' };
const TOO_MANY_BROKEN_ENVELOPES: Close = { closeCode: 1008, reason: 'too many broken envelopes' };

interface Case {
  readonly events: readonly ConnectionEvent[];
  readonly cause: CloseCause;
  /** Null if the chart orders no close frame. */
  readonly close: Close | null;
  readonly noticeCode: number;
}

const cases: Record<string, Case> = {
  'a write that stalled': {
    events: [{ type: 'write.stalled' }],
    cause: 'write_stalled',
    close: internal('phone write failed'),
    noticeCode: 1011,
  },
  'a message that stalled': {
    events: [{ type: 'message.stalled' }],
    cause: 'message_stalled',
    close: null,
    noticeCode: 1001,
  },
  'a frame that did not fit its own queue': {
    events: [{ type: 'backlog.overflowed', queue: 'phone' }],
    cause: 'backlog_full',
    close: internal('phone backlog full'),
    noticeCode: 1011,
  },
  "a frame that did not fit its binary's queue": {
    events: [{ type: 'backlog.overflowed', queue: 'binary' }],
    cause: 'backlog_full',
    close: internal('binary backlog full'),
    noticeCode: 1011,
  },
  "the relay's own bound, which it holds most of": {
    events: [{ type: 'backlog.shed' }],
    cause: 'relay_backlog_full',
    close: internal('relay backlog full'),
    noticeCode: 1011,
  },
  'a message that is not JSON': {
    events: [{ type: 'message.rejected', cause: 'not_json' }],
    cause: 'not_json',
    close: NOT_JSON,
    noticeCode: 1001,
  },
  'a message that is not UTF-8': {
    events: [{ type: 'message.rejected', cause: 'not_utf8' }],
    cause: 'not_utf8',
    close: NOT_UTF8,
    noticeCode: 1001,
  },
  'too many broken envelopes': {
    events: [{ type: 'message.rejected', cause: 'broken_envelopes' }],
    cause: 'broken_envelopes',
    close: TOO_MANY_BROKEN_ENVELOPES,
    noticeCode: 1008,
  },
  'a protocol violation, which the WebSocket layer answers': {
    events: [{ type: 'protocol.violated' }],
    cause: 'protocol_error',
    close: null,
    noticeCode: 1001,
  },
  'a token that is revoked': {
    events: [{ type: 'token.revoked' }],
    cause: 'token_revoked',
    close: { closeCode: 1008, reason: 'token revoked' },
    noticeCode: 1008,
  },
  'an internal fault': {
    events: [{ type: 'fault.found' }],
    cause: 'internal_error',
    close: internal('internal error'),
    noticeCode: 1011,
  },
};

/** The states that an open connection may be in when it happens. */
const situations: [string, (connection: ConnectionRun) => void][] = [
  ['just admitted', () => {}],
  ['pinged', (connection) => connection.advance(FIRST_HEARTBEAT_MS)],
  [
    'between two pings',
    (connection) => {
      connection.advance(FIRST_HEARTBEAT_MS);
      connection.send({ type: 'peer.heard' });
    },
  ],
  ['paused', (connection) => connection.send({ type: 'socket.paused' })],
];

describe.each(Object.entries(cases))('%s', (_name, { events, cause, close, noticeCode }) => {
  const lastWords = close === null ? [] : [closeDue(close)];

  test.each(situations)('closes a phone that is %s: the notice goes out with the decision', (_, prepare) => {
    const connection = openConnection('phone');
    prepare(connection);
    const said = connection.send(...events);
    expect(said.slice(0, 4)).toStrictEqual([reported(cause), left('phone'), notice(noticeCode), DISCARD]);
    expect(said.slice(4)).toStrictEqual(cause === 'message_stalled' ? [CUT] : lastWords);
  });

  test.each([1000, 1005, 1006, 1011, 4000])(
    'sends no second notice when its socket ends with %i',
    (closeCode) => {
      const connection = openConnection('phone');
      connection.send(...events);
      // An order that crosses the decision must not cause one either.
      expect(connection.send(order({ isNoticeOwed: true }))).toStrictEqual([]);
      expect(connection.send(gone(closeCode))).toStrictEqual([ended(closeCode)]);
      expect(connection.snapshot.status).toBe('done');
    },
  );

  test('sends no second notice when another fault follows, or the peer closes', () => {
    const connection = openConnection('phone');
    connection.send(...events);
    const others = Object.values(cases).flatMap((other) => other.events);
    const said = connection.send(...others, { type: 'peer.closed' }, gone(1006));
    expect(said.filter((one) => Array.isArray(one))).toStrictEqual([]);
    expect(said.at(-1)).toStrictEqual(ended(1006));
  });
});

describe('a binary', () => {
  const same = ['a message that stalled', 'a message that is not UTF-8', 'an internal fault'];
  test.each(same)('is closed for the same reason, and no notice is owed: %s', (name) => {
    const found = cases[name];
    if (found === undefined) throw new Error(`no case ${name}`);
    const connection = openConnection('binary');
    expect(connection.send(...found.events)).toStrictEqual([
      reported(found.cause),
      left('binary'),
      DISCARD,
      found.close === null ? CUT : closeDue(found.close),
    ]);
    expect(connection.send(gone(1011))).toStrictEqual([ended(1011)]);
  });

  test('whose writes stall is closed with 1011 and its own reason', () => {
    const connection = openConnection('binary');
    expect(connection.send({ type: 'write.stalled' })).toStrictEqual([
      reported('write_stalled'),
      left('binary'),
      DISCARD,
      closeDue(internal('binary write failed')),
    ]);
  });

  test('that breaks the protocol gets time for the close frame of the WebSocket layer, and then to answer it', () => {
    const connection = openConnection('binary');
    expect(connection.send({ type: 'protocol.violated' })).toStrictEqual([
      reported('protocol_error'),
      left('binary'),
      DISCARD,
    ]);
    expect(connection.snapshot.value).toStrictEqual({ closing: 'objecting' });
    expect(connection.advance(TIMING.closeWriteTimeoutMs)).toStrictEqual([]);
    expect(connection.advance(TIMING.closeAnswerTimeoutMs - 1)).toStrictEqual([]);
    expect(connection.advance(1)).toStrictEqual([CUT]);
  });
});
