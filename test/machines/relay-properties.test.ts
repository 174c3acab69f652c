/**
 * Invariants of all actors of a relay together, whatever happens on any socket: a server's list and its connections agree,
 * admissions and departures pair, and no phone's end is notified twice.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SocketEvent } from '../../src/machines/connection-messages.ts';
import { isOpen, isWaiting } from '../../src/machines/connection-view.ts';
import { liveBinary } from '../../src/machines/server-view.ts';
import { RelayRun } from '../support/relay-chart.ts';

// Outside production, xstate warns about each event that is sent to an actor that has ended.
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const socketEvent: fc.Arbitrary<SocketEvent> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom<SocketEvent>(
      { type: 'peer.heard' },
      { type: 'probe.answered' },
      { type: 'socket.paused' },
      { type: 'socket.resumed' },
      { type: 'backlog.flushed' },
      { type: 'backlog.acknowledged' },
      { type: 'close.written' },
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom<SocketEvent>(
      { type: 'message.stalled' },
      { type: 'write.stalled' },
      { type: 'backlog.overflowed', queue: 'phone' },
      { type: 'backlog.shed' },
      { type: 'backlog.overflowed', queue: 'binary' },
      { type: 'message.rejected', cause: 'not_json' },
      { type: 'frame.unheard' },
      { type: 'token.revoked' },
      { type: 'fault.found' },
      { type: 'protocol.violated' },
      { type: 'peer.closed' },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('socket.ended' as const),
      closeCode: fc.constantFrom(1000, 1005, 1006, 4000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('directive.received' as const),
      connId: fc.nat({ max: 20 }).map((n) => `c${n}`),
      closeCode: fc.constantFrom(999, 4401),
      isTooLong: fc.boolean(),
    }),
  },
);

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('dial' as const),
      role: fc.constantFrom('binary' as const, 'phone' as const, 'phone' as const),
      serverId: fc.constantFrom('s1', 's1', 's2'),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('happen' as const),
      pick: fc.nat({ max: 40 }),
      event: socketEvent,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
  },
);

type Said = ReturnType<RelayRun['said']>[number][1];

const count = (seen: Map<string, number>, key: string): number => {
  const times = (seen.get(key) ?? 0) + 1;
  seen.set(key, times);
  return times;
};

/** Listens to all actors, and checks all of them after each step. */
class Witness {
  readonly #relay: RelayRun;
  readonly #admitted = new Map<string, number>();
  readonly #left = new Map<string, number>();
  readonly #noticed = new Map<string, number>();
  readonly #binaryOf = new Map<string, string>();

  constructor(relay: RelayRun) {
    this.#relay = relay;
  }

  hear(said: ReturnType<RelayRun['said']>): void {
    for (const [speaker, emitted] of said) this.#enter(speaker.replace('connection ', ''), emitted);
    this.#checkServers();
    this.#checkConnections();
  }

  #enter(connId: string, emitted: Said): void {
    if (emitted.type === 'connection.admitted') {
      expect(count(this.#admitted, connId)).toBe(1);
      this.#binaryOf.set(connId, emitted.binaryId);
    } else if (emitted.type === 'connection.left') {
      expect(count(this.#left, connId)).toBe(1);
    } else if (emitted.type === 'notice.due') {
      expect(connId, 'for the binary that it registered under').toBe(this.#binaryOf.get(emitted.connId));
      expect(this.#left.has(emitted.connId), 'told after it has left').toBe(true);
      expect(count(this.#noticed, emitted.connId)).toBe(1);
    } else if (emitted.type === 'notice.lost') {
      expect(count(this.#noticed, emitted.connId)).toBe(1);
    } else {
      expect(['server.failed', 'connection.failed', 'event.undeliverable']).not.toContain(emitted.type);
    }
  }

  /** Every connection on a server's list is in the matching state. */
  #checkServers(): void {
    for (const serverId of this.#relay.serverIds) {
      const server = this.#relay.server(serverId).getSnapshot();
      const holder = liveBinary(server);
      for (const connId of [...server.context.phones, ...(holder === null ? [] : [holder])]) {
        expect(isOpen(this.#relay.connection(connId).getSnapshot()), `${connId} is open`).toBe(true);
      }
      for (const connId of server.context.claimants) {
        expect(isWaiting(this.#relay.connection(connId).getSnapshot()), `${connId} waits`).toBe(true);
      }
    }
  }

  /** And the reverse: a connection that is open, or waits, is on the list of its server. */
  #checkConnections(): void {
    for (const connId of this.#relay.connIds) {
      const connection = this.#relay.connection(connId).getSnapshot();
      const { role, serverId } = connection.context;
      const isIn = this.#admitted.has(connId) && !this.#left.has(connId);
      expect(isIn, `admissions and departures of ${connId} pair`).toBe(isOpen(connection));
      if (!isOpen(connection) && !isWaiting(connection)) continue;
      const server = this.#relay.server(serverId).getSnapshot();
      if (isWaiting(connection)) expect(server.context.claimants).toContain(connId);
      else if (role === 'phone') expect(server.context.phones).toContain(connId);
      else expect(liveBinary(server)).toBe(connId);
    }
  }

  /** Every admitted connection has left. */
  checkEnd(): void {
    expect([...this.#left.keys()].sort()).toStrictEqual([...this.#admitted.keys()].sort());
  }
}

const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
  const relay = new RelayRun();
  const witness = new Witness(relay);
  let dialled = 0;
  for (const next of steps) {
    if (next.do === 'dial') witness.hear(relay.dial(next.role, next.serverId, `c${dialled++}`));
    else if (next.do === 'wait') witness.hear(relay.advance(next.ms));
    else {
      const connId = relay.connIds[next.pick % (relay.connIds.length || 1)];
      if (connId !== undefined) witness.hear(relay.happen(connId, next.event));
    }
  }
  witness.hear(relay.drain());
  for (const connId of relay.connIds) {
    expect(relay.root.getSnapshot().matches('draining')).toBe(true);
    witness.hear(relay.happen(connId, { type: 'socket.ended', closeCode: 1001 }));
  }
  expect(relay.root.getSnapshot().value).toBe('stopped');
  expect([relay.serverIds, relay.connIds, relay.armed]).toStrictEqual([[], [], 0]);
  witness.checkEnd();
});

test('lists and connections agree, and in the end every connection has left', () => {
  fc.assert(property, { numRuns: 500 });
});
