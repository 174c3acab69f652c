/** The directory: which actors exist, for how long, and under whom. */

import { describe, expect, test } from 'vitest';
import type { AnyActorRef } from 'xstate';
import { FAR_FUTURE_MS } from '../support/chart.ts';
import { RelayRun } from '../support/relay-chart.ts';

const NO_SERVER = { closeCode: 4404, reason: 'no server with that id' };
const AT_CAP = { closeCode: 4429, reason: 'too many phones for server-id' };
const SHUTDOWN = { closeCode: 1001, reason: 'shutting down' };

const refusedBy = (connId: string, close: object) => [
  'directory',
  { type: 'connection.refused', connId, close },
];
const claimed = (serverId: string, connId: string) => [
  `server ${serverId}`,
  { type: 'binary.admitted', connId, kind: 'claim' },
];
const registered = (serverId: string, connId: string, binaryId: string) => [
  `server ${serverId}`,
  { type: 'phone.admitted', connId, binaryId },
];

/** Its ancestors' ids, nearest first. */
const ancestry = (ref: AnyActorRef): string[] =>
  ref._parent === undefined ? [] : [ref._parent.id, ...ancestry(ref._parent)];

describe('a dial', () => {
  test('of a phone for an unknown server-id is refused with 4404, and no server actor is made', () => {
    const relay = new RelayRun();
    expect(relay.dial('phone', 's1', 'p1')).toStrictEqual([refusedBy('p1', NO_SERVER)]);
    expect(relay.serverIds).toStrictEqual([]);
    expect(relay.connIds).toStrictEqual(['p1']);
    expect(relay.connection('p1').getSnapshot().value).toBe('waiting');
  });

  test('of a binary makes the server actor, and the next dials find it', () => {
    const relay = new RelayRun();
    expect(relay.dial('binary', 's1', 'b1')).toStrictEqual([claimed('s1', 'b1')]);
    const server = relay.server('s1');
    expect(relay.dial('phone', 's1', 'p1')).toStrictEqual([registered('s1', 'p1', 'b1')]);
    expect(relay.dial('binary', 's1', 'b2')).toStrictEqual([
      ['server s1', { type: 'binary.probed', connId: 'b1' }],
    ]);
    expect(relay.server('s1')).toBe(server);
    expect(relay.connIds).toStrictEqual(['b1', 'p1', 'b2']);
  });

  test('starts the connection with its role and its server-id', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    const snapshot = relay.connection('b1').getSnapshot();
    expect(snapshot.status).toBe('active');
    expect(snapshot.context).toMatchObject({ connId: 'b1', role: 'binary', serverId: 's1', binaryId: null });
  });

  test('seed 3: of phones for two server-ids fills each on its own', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    relay.dial('binary', 's2', 'b2');
    relay.dial('phone', 's1', 'p1');
    relay.dial('phone', 's1', 'p2');
    expect(relay.dial('phone', 's1', 'p3')).toStrictEqual([
      ['server s1', { type: 'phone.refused', connId: 'p3', close: AT_CAP }],
    ]);
    expect(relay.dial('phone', 's2', 'p4')).toStrictEqual([registered('s2', 'p4', 'b2')]);
    expect(relay.server('s1').getSnapshot().context.phones).toStrictEqual(['p1', 'p2']);
    expect(relay.server('s2').getSnapshot().context.phones).toStrictEqual(['p4']);
  });
});

describe('an actor that ends', () => {
  test('is forgotten, and its server-id can be claimed anew', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    const first = relay.server('s1');
    first.send({ type: 'binary.left', connId: 'b1' });
    expect(relay.serverIds).toStrictEqual(['s1']);
    relay.clock.increment(FAR_FUTURE_MS);
    expect(first.getSnapshot().status).toBe('done');
    expect(relay.serverIds).toStrictEqual([]);
    relay.said();

    expect(relay.dial('phone', 's1', 'p1')).toStrictEqual([refusedBy('p1', NO_SERVER)]);
    expect(relay.dial('binary', 's1', 'b2')).toStrictEqual([claimed('s1', 'b2')]);
    expect(relay.server('s1')).not.toBe(first);
  });

  test('is forgotten when it was a connection, and no other', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    relay.dial('phone', 's1', 'p1');
    relay.connection('p1').send({ type: 'socket.closed', closeCode: 1000 });
    expect(relay.connIds).toStrictEqual(['b1']);
    expect(relay.serverIds).toStrictEqual(['s1']);
  });

  test('is nothing to speak of when it was the last connection, as long as the relay serves', () => {
    const relay = new RelayRun();
    relay.dial('phone', 's1', 'p1');
    relay.said();
    relay.connection('p1').send({ type: 'socket.closed', closeCode: 1000 });
    expect(relay.connIds).toStrictEqual([]);
    expect(relay.said().filter(([name]) => name === 'directory')).toStrictEqual([]);
  });

  test('of one server-id leaves the others alone', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    relay.dial('binary', 's2', 'b2');
    relay.server('s1').send({ type: 'drain' });
    expect(relay.serverIds).toStrictEqual(['s2']);
    expect(relay.server('s2').getSnapshot().status).toBe('active');
  });
});

describe('drain', () => {
  test('tells every server, and the directory is empty once the last connection has ended', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    relay.dial('binary', 's2', 'b2');
    relay.root.send({ type: 'drain' });
    expect(relay.said()).toStrictEqual([
      ['server s1', { type: 'binary.evicted', connId: 'b1', close: SHUTDOWN, flush: true }],
      ['server s2', { type: 'binary.evicted', connId: 'b2', close: SHUTDOWN, flush: true }],
    ]);
    expect(relay.serverIds).toStrictEqual([]);

    relay.connection('b1').send({ type: 'socket.closed', closeCode: 1001 });
    expect(relay.said().filter(([name]) => name === 'directory')).toStrictEqual([]);
    relay.connection('b2').send({ type: 'socket.closed', closeCode: 1001 });
    expect(relay.said().filter(([name]) => name === 'directory')).toStrictEqual([
      ['directory', { type: 'directory.emptied' }],
    ]);
  });

  test('of a directory without connections empties it at once', () => {
    const relay = new RelayRun();
    relay.root.send({ type: 'drain' });
    expect(relay.said()).toStrictEqual([['directory', { type: 'directory.emptied' }]]);
  });

  test('refuses who dials meanwhile with 1001, and waits for them too', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    relay.root.send({ type: 'drain' });
    relay.said();
    expect(relay.dial('binary', 's2', 'b2')).toStrictEqual([refusedBy('b2', SHUTDOWN)]);
    expect(relay.dial('phone', 's1', 'p1')).toStrictEqual([refusedBy('p1', SHUTDOWN)]);
    expect(relay.serverIds).toStrictEqual([]);
    for (const connId of ['b1', 'b2']) {
      relay.connection(connId).send({ type: 'socket.closed', closeCode: 1001 });
    }
    expect(relay.root.getSnapshot().value).toBe('draining');
    relay.connection('p1').send({ type: 'socket.closed', closeCode: 1001 });
    expect(relay.root.getSnapshot().value).toBe('stopped');
  });
});

test('stop ends every actor, clears both maps and leaves no timer behind', () => {
  const relay = new RelayRun();
  relay.dial('binary', 's1', 'b1');
  relay.dial('binary', 's2', 'b2');
  relay.dial('phone', 's1', 'p1');
  relay.connection('p1').send({ type: 'admitted', binaryId: 'b1' });
  relay.server('s2').send({ type: 'binary.left', connId: 'b2' });
  const children = [relay.server('s1'), relay.server('s2'), relay.connection('b1'), relay.connection('p1')];
  relay.root.stop();
  expect(relay.serverIds).toStrictEqual([]);
  expect(relay.connIds).toStrictEqual([]);
  expect(children.map((ref) => ref.getSnapshot().status)).toStrictEqual(children.map(() => 'stopped'));
  expect(relay.timers.armed).toBe(0);
});

test('an inspector sees relay, directory and server as one line of descent', () => {
  const seen = new Set<unknown>();
  const relay = new RelayRun((root) => {
    root.system.inspect(({ actorRef }) => seen.add(actorRef));
  });
  relay.dial('binary', 's1', 'b1');
  const line = [relay.root, relay.directory, relay.server('s1'), relay.connection('b1')];
  expect(line.filter((ref) => !seen.has(ref))).toStrictEqual([]);
  expect(ancestry(relay.server('s1'))).toStrictEqual(['directory', relay.root.id]);
  expect(ancestry(relay.connection('b1'))).toStrictEqual(['directory', relay.root.id]);
});

const oddIds = ['', '__proto__', 'constructor', 'toString', 'xstate.stop', 'xstate.error.actor.server/s1'];
test.each([...oddIds, 'server/s1', 'connection/b1', '*', 'drain', 'x'.repeat(100_000)])(
  'the server-id %.40j is an ordinary one',
  (serverId) => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    expect(relay.dial('phone', serverId, 'p0')).toStrictEqual([refusedBy('p0', NO_SERVER)]);
    expect(relay.dial('binary', serverId, `b-${serverId}`)).toStrictEqual([
      claimed(serverId, `b-${serverId}`),
    ]);
    expect(relay.dial('phone', serverId, serverId)).toStrictEqual([
      registered(serverId, serverId, `b-${serverId}`),
    ]);
    relay.connection(serverId).send({ type: 'socket.closed', closeCode: 1000 });
    relay.server(serverId).send({ type: 'drain' });
    expect(relay.serverIds).toStrictEqual(['s1']);
    expect(relay.connIds).toStrictEqual(['b1', 'p0', `b-${serverId}`]);
    expect(relay.root.getSnapshot().status).toBe('active');
    expect(relay.directory.getSnapshot().status).toBe('active');
  },
);
