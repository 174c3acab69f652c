/** However phones come and go, no more connections of a server-id are closing than may be open. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { liveBinary } from '../../src/machines/server-view.ts';
import { RelayRun } from '../support/relay-chart.ts';

// Outside production, xstate warns about each event that is sent to an actor that has ended.
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const step = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ do: 'register' as const }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('dismiss' as const), pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.constant({ do: 'claim' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('end' as const, 'break' as const), pick: fc.nat() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat({ max: 40_000 }) }) },
);

class Walk {
  readonly #relay: RelayRun;
  readonly #cap: number;
  #dialled = 0;
  /** Admitted connections that are closing and not cut, in the order in which they began. */
  #closing: string[] = [];

  constructor(cap: number) {
    this.#cap = cap;
    this.#relay = new RelayRun({ settings: { maxPhones: cap } });
  }

  /** @returns how many are closing */
  take(next: typeof step extends fc.Arbitrary<infer T> ? T : never): number {
    this.#note(this.#act(next));
    expect(this.#closing.length).toBeLessThanOrEqual(this.#cap + 1);
    return this.#closing.length;
  }

  #act(next: Parameters<Walk['take']>[0]): ReturnType<RelayRun['said']> {
    const relay = this.#relay;
    if (next.do === 'wait') return relay.advance(next.ms);
    if (next.do === 'register') return relay.dial('phone', 's1', `p${this.#dialled++}`);
    if (next.do === 'claim') return relay.dial('binary', 's1', `b${this.#dialled++}`);
    const server = relay.serverIds.length > 0 ? relay.server('s1').getSnapshot() : undefined;
    const among = next.do === 'dismiss' ? (server?.context.phones ?? []) : relay.connIds;
    const connId = among[next.pick % (among.length || 1)];
    if (connId === undefined) return [];
    if (next.do === 'end') return relay.happen(connId, { type: 'socket.ended', closeCode: 1006 });
    if (next.do === 'break') return relay.happen(connId, { type: 'protocol.violated' });
    const holder = server === undefined ? null : liveBinary(server);
    return holder === null
      ? []
      : relay.happen(holder, { type: 'directive.received', connId, closeCode: 4401, isTooLong: false });
  }

  #note(said: ReturnType<RelayRun['said']>): void {
    for (const [speaker, { type }] of said) {
      const connId = speaker.replace('connection ', '');
      if (type === 'connection.left') this.#closing.push(connId);
      if (type === 'cut.due' || type === 'connection.ended')
        this.#closing = this.#closing.filter((each) => each !== connId);
    }
  }
}

test('the number that is closing has a bound, and it is reached', () => {
  let most = 0;
  const property = fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
    const walk = new Walk(2);
    walk.take({ do: 'claim' });
    for (const next of steps) most = Math.max(most, walk.take(next));
  });
  fc.assert(property, { numRuns: 500 });
  expect(most).toBe(3);
});
