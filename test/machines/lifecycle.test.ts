/**
 * The life of a server-id from end to end: relay, directory, server and connections run without transport.
 * Close codes and reasons are written out, so that a change on the wire fails a test.
 */
import { describe, expect, test } from 'vitest';
import {
  admitted,
  closes,
  DRAIN_DEADLINE_MS,
  ended,
  flushes,
  noticeDue,
  RELAY_INPUT,
  RelayRun,
  refused,
} from '../support/relay-chart.ts';

const { graceMs, probeTimeoutMs } = RELAY_INPUT.directory.serverTiming;

const NO_SERVER = { closeCode: 4404, reason: 'no server with that id' };
const RECLAIMED = { closeCode: 4404, reason: 'binary reclaimed server-id' };
const CLAIMED = { closeCode: 4409, reason: 'server-id already claimed' };
const AT_CAP = { closeCode: 4429, reason: 'too many phones for server-id' };
const SILENT = { closeCode: 1011, reason: 'heartbeat timeout' };
const ILLEGAL = { closeCode: 1011, reason: 'illegal close code' };
const SHUTDOWN = { closeCode: 1001, reason: 'shutting down' };

/** s1 held by b1, with that many phones, named p1 and on. */
const held = (phoneCount: number): RelayRun => {
  const relay = new RelayRun();
  relay.dial('binary', 's1', 'b1');
  for (let n = 1; n <= phoneCount; n++) relay.dial('phone', 's1', `p${n}`);
  return relay;
};

const valueOf = (relay: RelayRun, connId: string) => relay.connection(connId).getSnapshot().value;
const server = (relay: RelayRun) => relay.server('s1').getSnapshot();

describe('registration', () => {
  test('admits phones up to the cap, and refuses the next with 4429, which leaves no trace', () => {
    const relay = held(1);
    expect(relay.dial('phone', 's1', 'p2')).toStrictEqual(admitted('p2', 'registration', 'b1'));
    expect(relay.dial('phone', 's1', 'p3')).toStrictEqual(refused('p3', AT_CAP));
    expect(server(relay).context.phones).toStrictEqual(['p1', 'p2']);
    expect(relay.happen('p3', { type: 'socket.ended', closeCode: 4429 })).toStrictEqual(
      ended('p3', 4429, false),
    );
    expect(server(relay).context.phones).toStrictEqual(['p1', 'p2']);
  });

  test('has room again as soon as a phone leaves, before its socket has ended', () => {
    const relay = held(2);
    relay.happen('p1', { type: 'peer.closed' });
    expect(relay.dial('phone', 's1', 'p3')).toStrictEqual(admitted('p3', 'registration', 'b1'));
    expect(server(relay).context.phones).toStrictEqual(['p2', 'p3']);
    expect(relay.connIds).toContain('p1');
  });
});

describe('dismissal', () => {
  const directive = (closeCode: number, isTooLong = false, connId = 'p1') =>
    ({ type: 'directive.received', connId, closeCode, isTooLong }) as const;
  const dismissed = (closeCode: number, isLegal: boolean) => [
    'server s1',
    { type: 'phone.dismissed', connId: 'p1', closeCode, isLegal },
  ];

  test.each([
    [4401, true, { closeCode: 4401, reason: '' }],
    [999, false, ILLEGAL],
  ])('with the code %i sends the backlog first, and causes no notice', (closeCode, isLegal, close) => {
    const relay = held(2);
    expect(relay.happen('b1', directive(closeCode))).toStrictEqual([
      dismissed(closeCode, isLegal),
      ...flushes('p1', 'directive'),
    ]);
    expect(server(relay).context.phones).toStrictEqual(['p2']);
    expect(relay.happen('p1', { type: 'backlog.flushed' })).toStrictEqual([
      ['connection p1', { type: 'close.due', close }],
    ]);
    expect(relay.happen('p1', { type: 'socket.ended', closeCode: 1006 })).toStrictEqual(ended('p1', 1006));
  });

  test('with a last frame that is too long drops the backlog', () => {
    const relay = held(1);
    expect(relay.happen('b1', directive(4401, true))).toStrictEqual([
      dismissed(4401, true),
      ...closes('p1', 'directive', { closeCode: 4401, reason: 'phone backlog full' }),
    ]);
    expect(relay.happen('p1', { type: 'socket.ended', closeCode: 1006 })).toStrictEqual(ended('p1', 1006));
  });

  test('of an unknown phone, or one of another server-id, does nothing', () => {
    const relay = held(1);
    relay.dial('binary', 's2', 'b2');
    relay.dial('phone', 's2', 'p9');
    expect(relay.happen('b1', directive(4401, false, 'nobody'), directive(4401, false, 'p9'))).toStrictEqual(
      [],
    );
    expect(valueOf(relay, 'p9')).toStrictEqual({ open: 'fresh' });
  });
});

describe('a claim on a held slot', () => {
  test('is refused with 4409 when the holder answers the probe', () => {
    const relay = held(1);
    expect(relay.dial('binary', 's1', 'b2')).toStrictEqual([['connection b1', { type: 'probe.due' }]]);
    relay.dial('binary', 's1', 'b3');
    expect(relay.happen('b1', { type: 'probe.answered' })).toStrictEqual([
      ...refused('b2', CLAIMED),
      ...refused('b3', CLAIMED),
    ]);
    expect(server(relay).context).toMatchObject({ binaryId: 'b1', phones: ['p1'], claimants: [] });
    expect(valueOf(relay, 'b1')).toStrictEqual({ open: 'fresh' });
  });

  test('takes the slot over when the holder stays silent: its phones are closed, and no notice is sent', () => {
    const relay = held(2);
    relay.dial('binary', 's1', 'b2');
    relay.dial('binary', 's1', 'b3');
    expect(relay.advance(probeTimeoutMs)).toStrictEqual([
      ...closes('p1', 'reclaimed', RECLAIMED),
      ...closes('p2', 'reclaimed', RECLAIMED),
      ...closes('b1', 'displaced', SILENT),
      ...admitted('b2', 'takeover'),
      ...refused('b3', CLAIMED),
    ]);
    for (const connId of ['p1', 'p2', 'b1']) {
      expect(relay.happen(connId, { type: 'socket.ended', closeCode: 1006 })).toStrictEqual(
        ended(connId, 1006),
      );
    }
    expect(server(relay).value).toStrictEqual({ claimed: { held: 'live' } });
    expect(relay.dial('phone', 's1', 'p3')).toStrictEqual(admitted('p3', 'registration', 'b2'));
  });

  test('is answered at once when the holder leaves: the first in line reclaims', () => {
    const relay = held(1);
    relay.dial('binary', 's1', 'b2');
    expect(relay.happen('b1', { type: 'write.stalled' })).toStrictEqual([
      ['connection b1', { type: 'connection.left', cause: 'write_stalled' }],
      ...closes('p1', 'reclaimed', RECLAIMED),
      ...admitted('b2', 'reclaim'),
      ...closes('b1', null, { closeCode: 1011, reason: 'binary write failed' }),
    ]);
  });
});

describe('grace', () => {
  const inGrace = (phoneCount: number): RelayRun => {
    const relay = held(phoneCount);
    expect(relay.happen('b1', { type: 'socket.ended', closeCode: 1006 })).toStrictEqual([
      ['connection b1', { type: 'connection.left', cause: 'peer' }],
      ['server s1', { type: 'grace.started' }],
      ...ended('b1', 1006),
    ]);
    expect(server(relay).value).toStrictEqual({ claimed: 'grace' });
    return relay;
  };

  test('ends when the binary reclaims: the phones of its last connection are closed with 4404', () => {
    const relay = inGrace(2);
    expect(relay.dial('binary', 's1', 'b2')).toStrictEqual([
      ...closes('p1', 'reclaimed', RECLAIMED),
      ...closes('p2', 'reclaimed', RECLAIMED),
      ...admitted('b2', 'reclaim'),
    ]);
    expect(server(relay).context).toMatchObject({ binaryId: 'b2', phones: [] });
  });

  test('admits phones up to the cap, and evicts one that sends with 4404', () => {
    const relay = inGrace(1);
    expect(relay.dial('phone', 's1', 'p2')).toStrictEqual(admitted('p2', 'registration', 'b1'));
    expect(relay.dial('phone', 's1', 'p3')).toStrictEqual(refused('p3', AT_CAP));
    expect(relay.happen('p1', { type: 'frame.unheard' })).toStrictEqual(closes('p1', 'unheard', NO_SERVER));
    expect(server(relay).context.phones).toStrictEqual(['p2']);
    expect(relay.happen('p1', { type: 'socket.ended', closeCode: 4404 })).toStrictEqual([
      ['server s1', { type: 'notice.lost', connId: 'p1', closeCode: 4404 }],
      ...ended('p1', 4404),
    ]);
  });

  test('expires: quiet phones are closed with 4404, and the server-id is unknown', () => {
    const relay = inGrace(1);
    expect(relay.advance(graceMs - 1)).toStrictEqual([]);
    expect(relay.advance(1)).toStrictEqual([
      ...closes('p1', 'expired', NO_SERVER),
      ['server s1', { type: 'grace.expired' }],
    ]);
    expect(relay.serverIds).toStrictEqual([]);
    expect(relay.dial('phone', 's1', 'p2')).toStrictEqual(refused('p2', NO_SERVER));
    expect(relay.dial('binary', 's1', 'b2')).toStrictEqual(admitted('b2', 'claim'));
    expect(relay.happen('p1', { type: 'socket.ended', closeCode: 4404 })).toStrictEqual(ended('p1', 4404));
  });
});

describe('an unheard frame while a binary holds the slot', () => {
  test('closes its phone with 4404, and the binary is told when the socket has ended', () => {
    const relay = held(1);
    expect(relay.happen('p1', { type: 'frame.unheard' })).toStrictEqual(closes('p1', 'unheard', NO_SERVER));
    expect(relay.happen('p1', { type: 'socket.ended', closeCode: 4404 })).toStrictEqual([
      ...noticeDue('b1', 'p1', 4404),
      ...ended('p1', 4404),
    ]);
  });
});

test('drain tells phones, holders and claimants, and ends with the last of them', () => {
  const relay = held(1);
  relay.dial('binary', 's2', 'b2');
  relay.dial('binary', 's2', 'waiting');
  expect(relay.drain()).toStrictEqual([
    ...flushes('p1', 'shutdown'),
    ...flushes('b1', 'shutdown'),
    ...flushes('b2', 'shutdown'),
    ...refused('waiting', SHUTDOWN),
  ]);
  expect(relay.dial('phone', 's1', 'late')).toStrictEqual(refused('late', SHUTDOWN));
  for (const connId of ['p1', 'b1', 'b2']) {
    expect(relay.happen(connId, { type: 'backlog.flushed' })).toStrictEqual([
      [`connection ${connId}`, { type: 'close.due', close: SHUTDOWN }],
    ]);
  }
  relay.advance(DRAIN_DEADLINE_MS - 1);
  for (const connId of ['waiting', 'p1', 'b1', 'b2', 'late']) {
    expect(relay.root.getSnapshot().matches('draining')).toBe(true);
    relay.happen(connId, { type: 'peer.closed' }, { type: 'socket.ended', closeCode: 1001 });
  }
  expect(relay.root.getSnapshot().value).toBe('stopped');
});
