/** An actor that throws: its own connections are closed, its server or binary is told, and nothing else is affected. */

import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ConnectionEvent } from '../../src/machines/connection-messages.ts';
import { serverMachine } from '../../src/machines/server-machine.ts';
import type { ServerEvent } from '../../src/machines/server-messages.ts';
import { admitted, closes, ended, noticeDue, RelayRun } from '../support/relay-chart.ts';

const INTERNAL_ERROR = { closeCode: 1011, reason: 'internal error' };
const BROKEN = new Error('broken on purpose');

const explode = (): never => {
  throw BROKEN;
};

/** Throws in a guard. */
const POISONED_SPEECH: ServerEvent = {
  type: 'phone.dismissed',
  closeCode: 1000,
  isTooLong: false,
  get connId() {
    return explode();
  },
};
/** Throws in an action. */
const POISONED_REGISTRATION: ServerEvent = {
  type: 'phone.registered',
  get connId() {
    return explode();
  },
};
/** Throw in actions of the connection chart: while it waits, while it is open, while it closes. */
const POISONED_REFUSAL: ConnectionEvent = {
  type: 'refuse',
  get close() {
    return explode();
  },
};
const POISONED_OVERFLOW: ConnectionEvent = {
  type: 'backlog.overflowed',
  get queue() {
    return explode();
  },
};
const POISONED_END: ConnectionEvent = {
  type: 'socket.ended',
  get closeCode() {
    return explode();
  },
};

/** s1 with binary b1 and phone p1, s2 with b2 and p2, all of them open. */
const twoServers = (): RelayRun => {
  const relay = new RelayRun();
  for (const n of [1, 2]) {
    relay.dial('binary', `s${n}`, `b${n}`);
    relay.dial('phone', `s${n}`, `p${n}`);
  }
  return relay;
};

const closedWithError = (connId: string) => closes(connId, 'internal_error', INTERNAL_ERROR);
const failed = (connId: string, wasOpen: boolean) => [
  'directory',
  { type: 'connection.failed', connId, error: BROKEN, wasOpen },
];

describe('a server actor that throws', () => {
  test.each([
    ['a guard', POISONED_SPEECH],
    ['an action', POISONED_REGISTRATION],
  ])('in %s is reported, and its connections are closed with 1011', (_where, poison) => {
    const relay = twoServers();
    relay.server('s1').send(poison);
    const said = relay.said();
    expect(said[0]).toMatchObject(['directory', { type: 'server.failed', serverId: 's1' }]);
    expect(said.slice(1)).toStrictEqual([...closedWithError('b1'), ...closedWithError('p1')]);
  });

  test('is reported with what it threw', () => {
    const relay = twoServers();
    relay.server('s1').send(POISONED_REGISTRATION);
    expect(relay.said()[0]).toStrictEqual([
      'directory',
      { type: 'server.failed', serverId: 's1', error: BROKEN },
    ]);
  });

  test('harms no other server-id, nor the relay', () => {
    const relay = twoServers();
    relay.server('s1').send(POISONED_REGISTRATION);
    expect(relay.serverIds).toStrictEqual(['s2']);
    expect(relay.server('s2').getSnapshot().context).toMatchObject({ binaryId: 'b2', phones: ['p2'] });
    expect(relay.connection('b2').getSnapshot().value).toStrictEqual({ open: 'fresh' });
    expect(relay.connection('p2').getSnapshot().value).toStrictEqual({ open: 'fresh' });
    expect(relay.root.getSnapshot().value).toBe('serving');
    expect(relay.root.getSnapshot().status).toBe('active');
    expect(relay.directory.getSnapshot().status).toBe('active');
  });

  test('closes a waiting claimant, and does not touch connections that are closing or refused', () => {
    const relay = twoServers();
    relay.dial('phone', 's1', 'p3');
    relay.dial('phone', 's1', 'refused');
    relay.happen('p3', { type: 'peer.closed' });
    relay.dial('binary', 's1', 'waiting');
    relay.server('s1').send(POISONED_SPEECH);
    expect(relay.said().slice(1)).toStrictEqual([
      ...closedWithError('b1'),
      ...closedWithError('p1'),
      ...closes('waiting', null, INTERNAL_ERROR),
    ]);
    expect(relay.connection('refused').getSnapshot().value).toStrictEqual({ refused: 'writing' });
    expect(relay.connection('p3').getSnapshot().value).toStrictEqual({ closing: 'finishing' });
  });

  test.each(['getInitialSnapshot', 'transition'])(
    'on its first event (%s) closes the connection that dialled',
    (method) => {
      // Outside production, xstate warns about each event that is sent to an actor that has ended.
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
      onTestFinished(() => warn.mockRestore());
      // The chart with one method replaced.
      const broken = Object.create(serverMachine, { [method]: { value: explode } }) as typeof serverMachine;
      const relay = new RelayRun({ settings: { serverLogic: broken } });
      expect(relay.dial('binary', 's1', 'b1')).toStrictEqual([
        ['directory', { type: 'server.failed', serverId: 's1', error: BROKEN }],
        ...closes('b1', null, INTERNAL_ERROR),
      ]);
      expect(relay.serverIds).toStrictEqual([]);
    },
  );

  test('frees its server-id for a new claim, which the old connections do not affect', () => {
    const relay = twoServers();
    relay.server('s1').send(POISONED_REGISTRATION);
    relay.said();
    expect(relay.dial('binary', 's1', 'b9')).toStrictEqual(admitted('b9', 'claim'));
    for (const connId of ['b1', 'p1']) {
      expect(relay.happen(connId, { type: 'socket.ended', closeCode: 1011 })).toStrictEqual(
        ended(connId, 1011),
      );
    }
    expect(relay.server('s1').getSnapshot().context.binaryId).toBe('b9');
    expect(relay.connIds).toStrictEqual(['b2', 'p2', 'b9']);
  });

  test('loses its timers', () => {
    const relay = twoServers();
    const before = relay.armed;
    relay.dial('binary', 's1', 'b9');
    expect(relay.armed).toBe(before + 1);
    relay.server('s1').send(POISONED_SPEECH);
    for (const connId of ['b1', 'p1', 'b9']) relay.happen(connId, { type: 'socket.ended', closeCode: 1011 });
    expect(relay.armed).toBe(before - 2);
  });
});

describe('a connection actor that throws', () => {
  test('while it waits is reported and forgotten, and leaves the line', () => {
    const relay = twoServers();
    relay.dial('binary', 's1', 'b9');
    relay.connection('b9').send(POISONED_REFUSAL);
    expect(relay.said()).toStrictEqual([failed('b9', false)]);
    expect(relay.connIds).toStrictEqual(['b1', 'p1', 'b2', 'p2']);
    expect(relay.server('s1').getSnapshot().value).toStrictEqual({ claimed: { held: 'live' } });
    expect(relay.server('s1').getSnapshot().context.claimants).toStrictEqual([]);
    expect(relay.root.getSnapshot().status).toBe('active');
  });

  test('while it is an open phone leaves the list, and its notice is sent', () => {
    const relay = twoServers();
    relay.connection('p1').send(POISONED_OVERFLOW);
    expect(relay.said()).toStrictEqual([failed('p1', true), ...noticeDue('b1', 'p1', 1011)]);
    expect(relay.server('s1').getSnapshot().context).toMatchObject({ binaryId: 'b1', phones: [] });
    expect(relay.connection('b1').getSnapshot().value).toStrictEqual({ open: 'fresh' });
    expect(relay.connIds).toStrictEqual(['b1', 'b2', 'p2']);
  });

  test('while it is the holder puts its server-id in grace', () => {
    const relay = twoServers();
    relay.connection('b1').send(POISONED_OVERFLOW);
    expect(relay.said()).toStrictEqual([failed('b1', true), ['server s1', { type: 'grace.started' }]]);
    expect(relay.server('s1').getSnapshot().context.phones).toStrictEqual(['p1']);
    expect(relay.connection('p1').getSnapshot().value).toStrictEqual({ open: 'fresh' });
  });

  test('after its phone closed by itself sends the notice that is owed, and does not leave twice', () => {
    const relay = twoServers();
    relay.happen('p1', { type: 'peer.closed' });
    relay.connection('p1').send(POISONED_END);
    expect(relay.said()).toStrictEqual([failed('p1', false), ...noticeDue('b1', 'p1', 1011)]);
  });

  test('after its notice was sent sends no second one', () => {
    const relay = twoServers();
    relay.happen('p1', { type: 'write.stalled' });
    relay.connection('p1').send(POISONED_END);
    expect(relay.said()).toStrictEqual([failed('p1', false)]);
  });

  test('after it was refused tells no server', () => {
    const relay = new RelayRun();
    relay.dial('phone', 's1', 'p1');
    relay.connection('p1').send(POISONED_END);
    expect(relay.said()).toStrictEqual([failed('p1', false)]);
  });

  test('is not waited for when the relay drains', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    relay.drain();
    relay.connection('b1').send(POISONED_END);
    expect(relay.said()).toStrictEqual([failed('b1', false)]);
    expect(relay.root.getSnapshot().value).toBe('stopped');
    expect(relay.root.getSnapshot().status).toBe('done');
  });
});
