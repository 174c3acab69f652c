/** Invariants of a server-id under any events in any order. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FAR_FUTURE_MS } from '../support/chart.ts';
import { claim, DRAIN, leave, register, startServer, unheard } from '../support/server-chart.ts';
import { ServerLedger, type Step, step } from '../support/server-ledger.ts';

// Outside production, xstate warns about each event that is sent to an actor that has ended.
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A phone as the first event ends the actor, so most runs begin with a claim. */
const beginning = fc.oneof(
  { weight: 9, arbitrary: fc.constant<Step[]>([{ kind: 'claim' }]) },
  { weight: 1, arbitrary: fc.constant<Step[]>([]) },
);

const property = fc.property(
  fc.constantFrom(1, 2, 3, 16, 0, -1),
  beginning,
  fc.array(step, { maxLength: 60 }),
  (cap, first, steps) => {
    const server = startServer(cap);
    const ledger = new ServerLedger(server, cap);
    for (const next of [...first, ...steps]) {
      if (server.snapshot.status === 'active') ledger.take(next);
    }
    if (server.snapshot.status === 'active') ledger.tell(DRAIN);
    ledger.checkEnd();

    const { snapshot } = server;
    expect(server.send(claim('late'), register('late'), leave('b0'), unheard('p1'), DRAIN)).toStrictEqual([]);
    expect(server.advance(FAR_FUTURE_MS)).toStrictEqual([]);
    expect(server.snapshot).toBe(snapshot);
  },
);

test('no connection is admitted twice, lost, left over or left without an answer', () => {
  fc.assert(property, { numRuns: 1_000 });
});
