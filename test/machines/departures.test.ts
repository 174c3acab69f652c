/** Every way a connection can end: its server and its binary must be told of each. */
import { describe, expect, test } from 'vitest';
import type { SocketEvent } from '../../src/machines/connection-messages.ts';
import { admitted, ended, noticeDue, RELAY_INPUT, RelayRun } from '../support/relay-chart.ts';

const { heartbeatIntervalMs, heartbeatTimeoutMs } = RELAY_INPUT.directory.connectionTiming;

/** Ends that the connection decides by itself, and the code of the notice that is sent with the decision. */
const decisions: [string, SocketEvent, number][] = [
  ['write.stalled', { type: 'write.stalled' }, 1011],
  ['message.stalled', { type: 'message.stalled' }, 1001],
  ['the relay’s own bound', { type: 'backlog.shed' }, 1011],
  ['an overflow of its own queue', { type: 'backlog.overflowed', queue: 'phone' }, 1011],
  ['an overflow of the other queue', { type: 'backlog.overflowed', queue: 'binary' }, 1011],
  ['bad JSON', { type: 'message.rejected', cause: 'not_json' }, 1001],
  ['bad UTF-8', { type: 'message.rejected', cause: 'not_utf8' }, 1001],
  ['protocol.violated', { type: 'protocol.violated' }, 1001],
  ['token.revoked', { type: 'token.revoked' }, 1008],
  ['fault.found', { type: 'fault.found' }, 1011],
];
const SOCKET_ENDED: SocketEvent = { type: 'socket.ended', closeCode: 1006 };
/** Ends that the peer causes. */
const partings: [string, SocketEvent][] = [
  ['peer.closed', { type: 'peer.closed' }],
  ['socket.ended', SOCKET_ENDED],
];

/** s1 held by b1, with the phone p1. */
const held = (): RelayRun => {
  const relay = new RelayRun();
  relay.dial('binary', 's1', 'b1');
  relay.dial('phone', 's1', 'p1');
  return relay;
};
const server = (relay: RelayRun) => relay.server('s1').getSnapshot();

/** Ends its socket, if that has not ended yet. */
const endSocket = (relay: RelayRun, connId: string, closeCode: number) =>
  relay.connIds.includes(connId) ? relay.happen(connId, { type: 'socket.ended', closeCode }) : [];

/** The notices among these lines. */
const noticesIn = (said: ReturnType<RelayRun['said']>) =>
  said.filter(([, emitted]) => emitted.type === 'notice.due');

describe("a holder's connection that ends puts its server-id in grace, and its phones stay", () => {
  const expectGrace = (relay: RelayRun, said: ReturnType<RelayRun['said']>): void => {
    expect(said).toContainEqual(['server s1', { type: 'grace.started' }]);
    expect(server(relay).value).toStrictEqual({ claimed: 'grace' });
    expect(server(relay).context.phones).toStrictEqual(['p1']);
    expect(relay.connection('p1').getSnapshot().value).toHaveProperty('open');
    const later = endSocket(relay, 'b1', 1006);
    expect(later.map(([, { type }]) => type)).not.toContain('grace.started');
    expect(server(relay).value).toStrictEqual({ claimed: 'grace' });
  };

  const ends = [...partings, ...decisions].map(([name, event]) => [name, event] as const);
  test.each(ends)('by %s', (_name, event) => {
    const relay = held();
    expectGrace(relay, relay.happen('b1', event));
  });

  test('by a heartbeat timeout', () => {
    const relay = held();
    relay.advance(heartbeatIntervalMs);
    relay.happen('p1', { type: 'peer.heard' });
    expectGrace(relay, relay.advance(heartbeatTimeoutMs));
  });
});

describe('a claimant that ends while in line is forgotten', () => {
  const ends: [string, SocketEvent][] = [
    ...partings,
    ['protocol.violated', { type: 'protocol.violated' }],
    ['token.revoked', { type: 'token.revoked' }],
    ['fault.found', { type: 'fault.found' }],
  ];

  test.each(ends)('by %s: if it is the only one, the probe is abandoned', (_name, event) => {
    const relay = held();
    relay.dial('binary', 's1', 'b2');
    expect(server(relay).context.claimants).toStrictEqual(['b2']);
    const said = relay.happen('b2', event);
    expect(said.map(([, { type }]) => type)).not.toContain('connection.left');
    expect(server(relay).context.claimants).toStrictEqual([]);
    expect(server(relay).value).toStrictEqual({ claimed: { held: 'live' } });
    const hasEnded = !relay.connIds.includes('b2');
    expect(endSocket(relay, 'b2', 1000)).toStrictEqual(hasEnded ? [] : ended('b2', 1000, false));
    relay.advance(RELAY_INPUT.directory.serverTiming.probeTimeoutMs);
    expect(server(relay).context.binaryId).toBe('b1');
  });

  test.each(ends)('by %s: the next in line gets the slot', (_name, event) => {
    const relay = held();
    relay.dial('binary', 's1', 'b2');
    relay.dial('binary', 's1', 'b3');
    relay.happen('b2', event);
    const said = relay.happen('b1', { type: 'peer.closed' });
    expect(said).toContainEqual(admitted('b3', 'reclaim')[0]);
    expect(server(relay).context).toMatchObject({ binaryId: 'b3', claimants: [] });
  });
});

describe('a phone that closes or drops by itself leaves the list at once', () => {
  test('and its binary is told when its socket has ended', () => {
    const relay = held();
    expect(noticesIn(relay.happen('p1', { type: 'peer.closed' }))).toStrictEqual([]);
    expect(server(relay).context.phones).toStrictEqual([]);
    expect(endSocket(relay, 'p1', 4000)).toStrictEqual([
      ...noticeDue('b1', 'p1', 4000),
      ...ended('p1', 4000),
    ]);
  });

  test('also without a close frame: its notice has 1001', () => {
    const relay = held();
    expect(relay.happen('p1', SOCKET_ENDED)).toStrictEqual([
      ['connection p1', { type: 'connection.left', cause: 'peer' }],
      ...noticeDue('b1', 'p1', 1001),
      ...ended('p1', 1006),
    ]);
    expect(server(relay).context.phones).toStrictEqual([]);
  });

  test('and the notice is lost if the binary has left in the meantime', () => {
    const relay = held();
    relay.happen('p1', { type: 'peer.closed' });
    relay.happen('b1', { type: 'peer.closed' });
    expect(endSocket(relay, 'p1', 4000)).toStrictEqual([
      ['server s1', { type: 'notice.lost', connId: 'p1', closeCode: 4000 }],
      ...ended('p1', 4000),
    ]);
  });

  test('and only the binary that it registered under gets the notice', () => {
    const relay = held();
    relay.happen('p1', { type: 'peer.closed' });
    relay.happen('b1', { type: 'peer.closed' });
    relay.dial('binary', 's1', 'b2');
    expect(endSocket(relay, 'p1', 4000)).toStrictEqual(ended('p1', 4000));
  });
});

describe('a phone that the relay decides to close leaves the list with the decision, and its notice is sent', () => {
  const expectNotice = (
    relay: RelayRun,
    said: ReturnType<RelayRun['said']>,
    noticeCode: number,
    closeCode: number,
  ): void => {
    expect(noticesIn(said)).toStrictEqual(noticeDue('b1', 'p1', noticeCode));
    expect(server(relay).context.phones).toStrictEqual([]);
    const others = decisions.map(([, event]) => event);
    expect(noticesIn(relay.happen('p1', ...others, { type: 'peer.closed' }))).toStrictEqual([]);
    expect(endSocket(relay, 'p1', closeCode)).toStrictEqual(ended('p1', closeCode));
  };

  test.each(decisions)('by %s', (_name, event, noticeCode) => {
    const relay = held();
    expectNotice(relay, relay.happen('p1', event), noticeCode, 1011);
  });

  test('by a heartbeat timeout', () => {
    const relay = held();
    relay.advance(heartbeatIntervalMs);
    relay.happen('b1', { type: 'peer.heard' });
    expectNotice(relay, relay.advance(heartbeatTimeoutMs), 1011, 1006);
  });

  test('and the notice is lost if its binary has left', () => {
    const relay = held();
    relay.happen('b1', { type: 'peer.closed' });
    expect(relay.happen('p1', { type: 'write.stalled' })).toContainEqual([
      'server s1',
      { type: 'notice.lost', connId: 'p1', closeCode: 1011 },
    ]);
    expect(endSocket(relay, 'p1', 1006)).toStrictEqual(ended('p1', 1006));
  });
});
