/** How many connections of one server-id may be closing at once, and which is cut when one more begins to close. */
import { describe, expect, test } from 'vitest';
import type { ConnectionEmitted } from '../../src/machines/connection-messages.ts';
import { RelayRun } from '../support/relay-chart.ts';

/** The cap of `RelayRun` is two phones; with their binary, three connections may be open. */
const MOST_CLOSING = 3;
const MOST_REFUSED = 64;

const CUT_DUE: ConnectionEmitted = { type: 'cut.due' };
const cutShort = (connId: string, wasAdmitted = true) => [
  [`connection ${connId}`, { type: 'connection.cut_short', wasAdmitted }],
  [`connection ${connId}`, CUT_DUE],
];

/** What was said about cutting. */
const cutsIn = (said: ReturnType<RelayRun['said']>) =>
  said.filter(([, { type }]) => type === 'connection.cut_short' || type === 'cut.due');

/** The phone registers, and its binary dismisses it: its place is free, and its backlog is being sent. */
const dismiss = (relay: RelayRun, connId: string, binaryId = 'b1', serverId = 's1') => {
  relay.dial('phone', serverId, connId);
  const said = relay.happen(binaryId, {
    type: 'directive.received',
    connId,
    closeCode: 4401,
    isTooLong: false,
  });
  expect(relay.connection(connId).getSnapshot().value).toStrictEqual({ closing: 'flushing' });
  return cutsIn(said);
};

const claimed = (settings = {}): RelayRun => {
  const relay = new RelayRun({ settings });
  relay.dial('binary', 's1', 'b1');
  return relay;
};

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `p${i + 1}`);

describe('admitted connections', () => {
  test('as many may be closing as may be open; for one more, the oldest is cut', () => {
    const relay = claimed();
    for (const connId of names(MOST_CLOSING)) expect(dismiss(relay, connId)).toStrictEqual([]);
    expect(dismiss(relay, 'late')).toStrictEqual(cutShort('p1'));
    expect(dismiss(relay, 'later')).toStrictEqual(cutShort('p2'));
    expect(relay.connection('p1').getSnapshot().value).toStrictEqual({ closing: 'cut' });
  });

  test('one that has ended does not count', () => {
    const relay = claimed();
    for (const connId of names(MOST_CLOSING)) dismiss(relay, connId);
    relay.happen('p2', { type: 'socket.ended', closeCode: 1000 });
    expect(dismiss(relay, 'late')).toStrictEqual([]);
    expect(dismiss(relay, 'later')).toStrictEqual(cutShort('p1'));
  });

  test('a server-id that is claimed anew has no new allowance', () => {
    const relay = claimed();
    for (const connId of names(MOST_CLOSING)) dismiss(relay, connId);
    relay.happen('b1', { type: 'socket.ended', closeCode: 1006 });
    relay.advance(30_000);
    expect(relay.serverIds).toStrictEqual([]);
    relay.dial('binary', 's1', 'b2');
    expect(dismiss(relay, 'late', 'b2')).toStrictEqual(cutShort('p1'));
  });

  test('the binary counts too: at a takeover, all that were open may close', () => {
    const relay = claimed();
    dismiss(relay, 'old');
    relay.dial('phone', 's1', 'p1');
    relay.dial('phone', 's1', 'p2');
    relay.dial('binary', 's1', 'b2');
    expect(cutsIn(relay.advance(10_000))).toStrictEqual(cutShort('old'));
    for (const connId of ['p1', 'p2', 'b1'])
      expect(relay.connection(connId).getSnapshot().value).toStrictEqual({ closing: 'writing' });
  });

  test('another server-id has its own', () => {
    const relay = claimed();
    relay.dial('binary', 's2', 'b2');
    for (const connId of names(MOST_CLOSING)) dismiss(relay, connId);
    expect(dismiss(relay, 'other', 'b2', 's2')).toStrictEqual([]);
  });

  test('without a cap there is no bound: any number is open already', () => {
    const relay = claimed({ maxPhones: 0 });
    for (const connId of names(100)) expect(dismiss(relay, connId)).toStrictEqual([]);
  });

  test('a drain cuts none: backlogs are sent until its deadline', () => {
    const relay = claimed();
    dismiss(relay, 'old');
    relay.dial('phone', 's1', 'p1');
    relay.dial('phone', 's1', 'p2');
    expect(cutsIn(relay.drain())).toStrictEqual([]);
    expect(relay.connection('old').getSnapshot().value).toStrictEqual({ closing: 'flushing' });
  });
});

describe('refused connections', () => {
  test('have a bound of their own: for one more, the oldest is cut', () => {
    const relay = new RelayRun();
    for (const connId of names(MOST_REFUSED))
      expect(cutsIn(relay.dial('phone', 's1', connId))).toStrictEqual([]);
    expect(cutsIn(relay.dial('phone', 's1', 'late'))).toStrictEqual(cutShort('p1', false));
    expect(cutsIn(relay.dial('phone', 's2', 'elsewhere'))).toStrictEqual([]);
    relay.happen('p2', { type: 'peer.closed' }, { type: 'socket.ended', closeCode: 4404 });
    expect(cutsIn(relay.dial('phone', 's1', 'later'))).toStrictEqual([]);
  });

  test('take nothing from those that were admitted', () => {
    const relay = claimed();
    for (const connId of names(MOST_CLOSING)) dismiss(relay, connId);
    relay.dial('phone', 's1', 'one');
    relay.dial('phone', 's1', 'two');
    expect(cutsIn(relay.dial('phone', 's1', 'refused'))).toStrictEqual([]);
    expect(relay.connection('refused').getSnapshot().value).toStrictEqual({ refused: 'writing' });
  });

  test('are bounded during a drain too', () => {
    const relay = claimed();
    relay.drain();
    for (const connId of names(MOST_REFUSED)) relay.dial('phone', 's1', connId);
    expect(cutsIn(relay.dial('phone', 's1', 'late'))).toStrictEqual(cutShort('p1', false));
  });
});
