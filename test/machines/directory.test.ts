/** The directory: which actors exist, for how long and under which parent, and where it passes their events. */

import { describe, expect, test } from 'vitest';
import type { AnyActorRef } from 'xstate';
import { FAR_FUTURE_MS } from '../support/chart.ts';
import { admitted, ended, flushes, RELAY_INPUT, RelayRun, refused } from '../support/relay-chart.ts';

const NO_SERVER = { closeCode: 4404, reason: 'no server with that id' };
const AT_CAP = { closeCode: 4429, reason: 'too many phones for server-id' };
const SHUTDOWN = { closeCode: 1001, reason: 'shutting down' };

/** The ids of its ancestors, nearest first. */
const ancestry = (ref: AnyActorRef): string[] =>
  ref._parent === undefined ? [] : [ref._parent.id, ...ancestry(ref._parent)];

describe('a dial', () => {
  test('of a phone for an unknown server-id is refused with 4404, and leaves no server actor behind', () => {
    const relay = new RelayRun();
    expect(relay.dial('phone', 's1', 'p1')).toStrictEqual(refused('p1', NO_SERVER));
    expect(relay.serverIds).toStrictEqual([]);
    expect(relay.connIds).toStrictEqual(['p1']);
    expect(relay.connection('p1').getSnapshot().value).toStrictEqual({ refused: 'writing' });
  });

  test('of a binary makes the server actor, and the next dials find it', () => {
    const relay = new RelayRun();
    expect(relay.dial('binary', 's1', 'b1')).toStrictEqual(admitted('b1', 'claim'));
    const server = relay.server('s1');
    expect(relay.dial('phone', 's1', 'p1')).toStrictEqual(admitted('p1', 'registration', 'b1'));
    expect(relay.dial('binary', 's1', 'b2')).toStrictEqual([['connection b1', { type: 'probe.due' }]]);
    expect(relay.server('s1')).toBe(server);
    expect(relay.connIds).toStrictEqual(['b1', 'p1', 'b2']);
    expect(relay.connection('b2').getSnapshot().value).toBe('waiting');
  });

  test('starts the connection with its role and its server-id', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    const snapshot = relay.connection('b1').getSnapshot();
    expect(snapshot.status).toBe('active');
    expect(snapshot.context).toMatchObject({ connId: 'b1', role: 'binary', serverId: 's1', binaryId: 'b1' });
  });

  test('seed 3: of phones for two server-ids fills each on its own', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    relay.dial('binary', 's2', 'b2');
    relay.dial('phone', 's1', 'p1');
    relay.dial('phone', 's1', 'p2');
    expect(relay.dial('phone', 's1', 'p3')).toStrictEqual(refused('p3', AT_CAP));
    expect(relay.dial('phone', 's2', 'p4')).toStrictEqual(admitted('p4', 'registration', 'b2'));
    expect(relay.server('s1').getSnapshot().context.phones).toStrictEqual(['p1', 'p2']);
    expect(relay.server('s2').getSnapshot().context.phones).toStrictEqual(['p4']);
  });
});

describe('the first heartbeat', () => {
  const { heartbeatIntervalMs } = RELAY_INPUT.directory.connectionTiming;
  const pinged = [['connection b1', { type: 'ping.due' }]];

  test.each([
    [0, 40_000],
    [0.5, 30_000],
    [0.999, 20_020],
  ])(
    'spread by %f falls in the second half of the interval, and the others are a full one apart',
    (spread, firstMs) => {
      const relay = new RelayRun({ settings: { spread: () => spread } });
      relay.dial('binary', 's1', 'b1');
      expect(relay.advance(firstMs - 1)).toStrictEqual([]);
      expect(relay.advance(1)).toStrictEqual(pinged);
      for (let beat = 0; beat < 2; beat++) {
        relay.happen('b1', { type: 'peer.heard' });
        expect(relay.advance(heartbeatIntervalMs - 1)).toStrictEqual([]);
        expect(relay.advance(1)).toStrictEqual(pinged);
      }
    },
  );

  test('is spread anew for each connection, by a whole number of milliseconds', () => {
    const spreads = [0.1, 0.123456789, 0.9];
    const relay = new RelayRun({ settings: { spread: () => spreads.shift() ?? 0 } });
    const firstMs = ['b1', 'b2', 'b3'].map((connId) => {
      relay.dial('binary', `s-${connId}`, connId);
      return relay.connection(connId).getSnapshot().context.firstHeartbeatMs;
    });
    expect(firstMs).toStrictEqual([38_000, 37_531, 22_000]);
  });
});

describe('an actor that ends', () => {
  test('is forgotten, and its server-id can be claimed anew', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    const first = relay.server('s1');
    relay.happen('b1', { type: 'socket.ended', closeCode: 1006 });
    expect(relay.serverIds).toStrictEqual(['s1']);
    expect(relay.advance(FAR_FUTURE_MS)).toStrictEqual([['server s1', { type: 'grace.expired' }]]);
    expect(first.getSnapshot().status).toBe('done');
    expect(relay.serverIds).toStrictEqual([]);

    expect(relay.dial('phone', 's1', 'p1')).toStrictEqual(refused('p1', NO_SERVER));
    expect(relay.dial('binary', 's1', 'b2')).toStrictEqual(admitted('b2', 'claim'));
    expect(relay.server('s1')).not.toBe(first);
  });

  test('is removed if it was a connection, and no other actor is', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    relay.dial('phone', 's1', 'p1');
    relay.happen('p1', { type: 'socket.ended', closeCode: 1000 });
    expect(relay.connIds).toStrictEqual(['b1']);
    expect(relay.serverIds).toStrictEqual(['s1']);
  });

  test('does not stop a serving relay, even if it was the last connection', () => {
    const relay = new RelayRun();
    relay.dial('phone', 's1', 'p1');
    expect(relay.happen('p1', { type: 'socket.ended', closeCode: 1000 })).toStrictEqual(
      ended('p1', 1000, false),
    );
    expect(relay.connIds).toStrictEqual([]);
    expect(relay.root.getSnapshot().value).toBe('serving');
  });

  test('of one server-id leaves the others alone', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    relay.dial('binary', 's2', 'b2');
    relay.server('s1').send({ type: 'drain' });
    expect(relay.serverIds).toStrictEqual(['s2']);
    expect(relay.server('s2').getSnapshot().status).toBe('active');
    expect(relay.connection('b2').getSnapshot().value).toStrictEqual({ open: 'fresh' });
  });
});

describe('an event for an actor that is not there', () => {
  test('is reported if it was for a connection, and the others still get it', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    relay.directory.send({ type: 'tell.connections', connIds: ['nobody', 'b1'], event: { type: 'probe' } });
    expect(relay.said()).toStrictEqual([
      ['directory', { type: 'event.undeliverable', to: 'connection', event: 'probe' }],
      ['connection b1', { type: 'probe.due' }],
    ]);
  });

  test('is reported if it was for a server-id that is unknown or released', () => {
    const relay = new RelayRun();
    const event = { type: 'phone.left', connId: 'p1' } as const;
    const undeliverable = ['directory', { type: 'event.undeliverable', to: 'server', event: 'phone.left' }];
    relay.directory.send({ type: 'tell.server', serverId: 's1', event });
    expect(relay.said()).toStrictEqual([undeliverable]);
    relay.dial('binary', 's1', 'b1');
    relay.server('s1').send({ type: 'drain' });
    relay.said();
    relay.directory.send({ type: 'tell.server', serverId: 's1', event });
    expect(relay.said()).toStrictEqual([undeliverable]);
  });

  test('is not reported if it is the notice of a phone that outlived its server-id', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    relay.dial('phone', 's1', 'p1');
    relay.happen('p1', { type: 'peer.closed' });
    relay.drain();
    expect(relay.happen('p1', { type: 'socket.ended', closeCode: 1000 })).toStrictEqual(
      ended('p1', 1000, true),
    );
  });
});

describe('drain', () => {
  test('tells every server, which closes its connections', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    relay.dial('phone', 's1', 'p1');
    relay.dial('binary', 's2', 'b2');
    expect(relay.drain()).toStrictEqual([
      ...flushes('p1', 'shutdown'),
      ...flushes('b1', 'shutdown'),
      ...flushes('b2', 'shutdown'),
    ]);
    expect(relay.serverIds).toStrictEqual([]);
    expect(relay.connIds).toStrictEqual(['b1', 'p1', 'b2']);
  });

  test('refuses new dials with 1001, makes no server actor for them, and waits for them too', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    relay.drain();
    expect(relay.dial('binary', 's2', 'b2')).toStrictEqual(refused('b2', SHUTDOWN));
    expect(relay.dial('phone', 's1', 'p1')).toStrictEqual(refused('p1', SHUTDOWN));
    expect(relay.serverIds).toStrictEqual([]);
    for (const connId of ['b1', 'b2']) relay.happen(connId, { type: 'socket.ended', closeCode: 1001 });
    expect(relay.root.getSnapshot().matches('draining')).toBe(true);
    relay.happen('p1', { type: 'socket.ended', closeCode: 1001 });
    expect(relay.root.getSnapshot().value).toBe('stopped');
  });
});

test('stop ends every actor, clears both maps and leaves no timer behind', () => {
  const relay = new RelayRun();
  relay.dial('binary', 's1', 'b1');
  relay.dial('phone', 's1', 'p1');
  relay.dial('binary', 's2', 'b2');
  relay.happen('b2', { type: 'socket.ended', closeCode: 1006 });
  const children = [relay.server('s1'), relay.server('s2'), relay.connection('b1'), relay.connection('p1')];
  expect(relay.armed).toBe(3);
  relay.root.stop();
  expect(relay.serverIds).toStrictEqual([]);
  expect(relay.connIds).toStrictEqual([]);
  expect(children.map((ref) => ref.getSnapshot().status)).toStrictEqual(children.map(() => 'stopped'));
  expect(relay.armed).toBe(0);
});

test('the directory refuses to be persisted: it holds live actors', () => {
  const { directory, root } = new RelayRun();
  const refusal = new TypeError('the directory holds live actors: it cannot be persisted');
  expect(() => directory.getPersistedSnapshot()).toThrow(refusal);
  expect(() => root.getPersistedSnapshot()).toThrow(refusal);
});

test('an inspector sees relay, directory and server as one line of descent', () => {
  const seen = new Set<unknown>();
  const relay = new RelayRun({
    prepare: (root) => root.system.inspect(({ actorRef }) => seen.add(actorRef)),
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
    const binaryId = `b-${serverId}`;
    relay.dial('binary', 's1', 'b1');
    expect(relay.dial('phone', serverId, 'p0')).toStrictEqual(refused('p0', NO_SERVER));
    expect(relay.dial('binary', serverId, binaryId)).toStrictEqual(admitted(binaryId, 'claim'));
    expect(relay.dial('phone', serverId, serverId)).toStrictEqual(
      admitted(serverId, 'registration', binaryId),
    );
    relay.happen(serverId, { type: 'socket.ended', closeCode: 1000 });
    expect(relay.server(serverId).getSnapshot().context.phones).toStrictEqual([]);
    relay.server(serverId).send({ type: 'drain' });
    expect(relay.serverIds).toStrictEqual(['s1']);
    expect(relay.connIds).toStrictEqual(['b1', 'p0', binaryId]);
    expect(relay.root.getSnapshot().status).toBe('active');
    expect(relay.directory.getSnapshot().status).toBe('active');
  },
);
