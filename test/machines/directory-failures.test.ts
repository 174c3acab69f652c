/** An actor that throws: its own connections go, and nothing else does. */

import { describe, expect, test } from 'vitest';
import type { ConnectionEvent } from '../../src/machines/connection-messages.ts';
import type { ServerEvent } from '../../src/machines/server-messages.ts';
import { RelayRun } from '../support/relay-chart.ts';

const INTERNAL_ERROR = { closeCode: 1011, reason: 'internal error' };
const BROKEN = new Error('broken on purpose');

const explode = (): never => {
  throw BROKEN;
};

/** Throws in a guard. */
const POISONED_SPEECH: ServerEvent = {
  type: 'phone.dismissed',
  closeCode: 1000,
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
const POISONED_ADMISSION: ConnectionEvent = {
  type: 'admitted',
  get binaryId() {
    return explode();
  },
};

/** s1 with binary b1 and phone p1, s2 with b2 and p2, all of them open. */
const twoServers = (): RelayRun => {
  const relay = new RelayRun();
  for (const n of [1, 2]) {
    relay.dial('binary', `s${n}`, `b${n}`);
    relay.dial('phone', `s${n}`, `p${n}`);
    relay.connection(`b${n}`).send({ type: 'admitted', binaryId: `b${n}` });
    relay.connection(`p${n}`).send({ type: 'admitted', binaryId: `b${n}` });
  }
  relay.said();
  return relay;
};

const closedWithError = (connId: string) => [
  [`connection ${connId}`, { type: 'connection.left', cause: 'internal_error' }],
  [`connection ${connId}`, { type: 'close.due', close: INTERNAL_ERROR }],
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
    expect(relay.connection('b2').getSnapshot().value).toStrictEqual({ open: 'quiet' });
    expect(relay.connection('p2').getSnapshot().value).toStrictEqual({ open: 'quiet' });
    expect(relay.root.getSnapshot().value).toBe('serving');
    expect(relay.root.getSnapshot().status).toBe('active');
    expect(relay.directory.getSnapshot().status).toBe('active');
  });

  test('leaves its server-id free for a new claim, which the old connections do not disturb', () => {
    const relay = twoServers();
    relay.server('s1').send(POISONED_REGISTRATION);
    relay.said();
    expect(relay.dial('binary', 's1', 'b9')).toStrictEqual([
      ['server s1', { type: 'binary.admitted', connId: 'b9', kind: 'claim' }],
    ]);
    for (const connId of ['b1', 'p1']) {
      relay.connection(connId).send({ type: 'socket.closed', closeCode: 1011 });
    }
    expect(relay.server('s1').getSnapshot().context.binaryId).toBe('b9');
    expect(relay.connIds).toStrictEqual(['b2', 'p2', 'b9']);
  });

  test('tells no close notice of its phones to whoever claims next', () => {
    const relay = twoServers();
    relay.server('s1').send(POISONED_REGISTRATION);
    relay.said();
    relay.connection('p1').send({ type: 'socket.closed', closeCode: 1011 });
    expect(relay.said()).toStrictEqual([
      ['connection p1', { type: 'connection.ended', binaryId: 'b1', closeCode: 1011, noticeCode: null }],
    ]);
  });

  test('loses its timers with it', () => {
    const relay = twoServers();
    const armed = () => relay.timers.armed;
    const before = armed();
    relay.server('s1').send({ type: 'binary.claimed', connId: 'b9' });
    expect(armed()).toBe(before + 1);
    relay.server('s1').send(POISONED_SPEECH);
    relay.connection('b1').send({ type: 'socket.closed', closeCode: 1011 });
    relay.connection('p1').send({ type: 'socket.closed', closeCode: 1011 });
    expect(armed()).toBe(before - 2);
  });
});

describe('a connection actor that throws', () => {
  test('is reported and forgotten, and everyone else lives', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    relay.dial('phone', 's1', 'p1');
    relay.said();
    relay.connection('p1').send(POISONED_ADMISSION);
    expect(relay.said()).toStrictEqual([
      ['directory', { type: 'connection.failed', connId: 'p1', error: BROKEN }],
    ]);
    expect(relay.connIds).toStrictEqual(['b1']);
    expect(relay.server('s1').getSnapshot().status).toBe('active');
    expect(relay.root.getSnapshot().status).toBe('active');
  });

  test('is not waited for when the relay drains', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    relay.root.send({ type: 'drain' });
    relay.said();
    relay.connection('b1').send(POISONED_ADMISSION);
    expect(relay.said()).toContainEqual(['directory', { type: 'directory.emptied' }]);
    expect(relay.root.getSnapshot().value).toBe('stopped');
  });
});
