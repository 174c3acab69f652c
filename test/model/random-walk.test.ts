/**
 * Random walks over the model, several server-ids at once. A walk that fails is shrunk by fast-check, which prints its
 * seed and path: `WALK_SEED=… WALK_PATH=… npx vitest run test/model/random-walk` runs it again.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ActorTarget } from '../../src/conformance/actor-target.ts';
import { describeEvents } from '../../src/conformance/covers.ts';
import { expect as expectedFor } from '../../src/conformance/expectations.ts';
import { modelGraph } from '../../src/conformance/model.ts';
import { newServerId } from '../../src/conformance/run-paths.ts';
import type { Edge } from '../../src/conformance/server-graph.ts';
import type { Target } from '../../src/conformance/target.ts';
import { describeSituation, TIMED_EVENTS, type WireEvent } from '../../src/conformance/wire-events.ts';
import { WireTarget } from '../../src/conformance/wire-target.ts';
import { RelayProcess } from '../support/relay-process.ts';

const CAP = 3;
const SERVERS = 3;
const START = 'unclaimed, 0 phones';

const graph = modelGraph(CAP);
const edgesFrom = (situation: string, allows: (edge: Edge) => boolean): Edge[] =>
  graph.filter((edge) => describeSituation(edge.from) === situation && allows(edge));

/** Each step picks a server-id and one of the events that are possible for it. */
const walk = (maxLength: number) =>
  fc.array(fc.tuple(fc.nat(SERVERS - 1), fc.nat(1_000)), { minLength: 1, maxLength });

const replay = {
  ...(process.env['WALK_SEED'] !== undefined && { seed: Number(process.env['WALK_SEED']) }),
  ...(process.env['WALK_PATH'] !== undefined && { path: process.env['WALK_PATH'] }),
};

const take = async (
  steps: readonly (readonly [number, number])[],
  targets: readonly Target[],
  allows: (edge: Edge) => boolean,
): Promise<void> => {
  const situations = targets.map(() => START);
  const events: WireEvent[][] = targets.map(() => []);
  const check = (i: number, problem: string | undefined): void => {
    if (problem !== undefined)
      throw new Error(`server-id ${i}: ${describeEvents(events[i] ?? [])} → ${problem}`);
  };
  for (const [i, choice] of steps) {
    const edges = edgesFrom(situations[i] ?? START, allows);
    const edge = edges[choice % Math.max(edges.length, 1)];
    const target = targets[i];
    if (edge === undefined || target === undefined) continue;
    events[i]?.push(edge.event);
    check(i, await target.step(edge, expectedFor(edge.event, edge.from, { maxPhones: CAP, maxLine: 16 })));
    situations[i] = describeSituation(edge.to);
  }
  for (const [i, target] of targets.entries()) check(i, await target.finish());
};

test('through the actors', async () => {
  await fc.assert(
    fc.asyncProperty(walk(80), async (steps) => {
      const targets = Array.from({ length: SERVERS }, () => new ActorTarget(CAP));
      try {
        await take(steps, targets, () => true);
      } finally {
        for (const target of targets) target.dispose();
      }
    }),
    { numRuns: 500, ...replay },
  );
});

test('a fault is found, and its walk is shrunk to the shortest', async () => {
  const walks = fc.asyncProperty(walk(80), async (steps) => {
    // The actors have a cap of 1, the model 3.
    const targets = Array.from({ length: SERVERS }, () => new ActorTarget(1));
    await take(steps, targets, () => true);
  });
  // A fixed seed: from some seeds, shrinking stops at a walk of four steps that has no shorter failing neighbour.
  const { failed, counterexample, seed } = await fc.check(walks, { numRuns: 500, seed: 7 });
  expect(failed).toBe(true);
  // claim, register x2, all on one server-id
  expect(counterexample?.[0]).toHaveLength(3);
  expect(seed).toBeTypeOf('number');
});

/** The sum of a metric over all series with these labels. */
const sumOf = (scrape: string, name: string, labels: string): number =>
  scrape
    .split('\n')
    .filter((line) => line.startsWith(`pyrycode_relay_${name}`) && line.includes(labels))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);

/** The metric names of each role. */
const ROLES = [
  { accepts: 'endpoint="server",outcome="accept"', ends: 'role="binary"', connected: 'connected_binaries' },
  { accepts: 'endpoint="client",outcome="accept"', ends: 'role="phone"', connected: 'connected_phones' },
];

/** True at any moment, so there is no need to wait. */
const expectPaired = async (): Promise<void> => {
  const scrape = await relay.scrape();
  for (const { accepts, ends, connected } of ROLES) {
    const accepted = sumOf(scrape, 'ws_upgrade_attempts_total', accepts);
    const ended = sumOf(scrape, 'connections_left_total', ends);
    expect({ connected, count: accepted - ended }).toEqual({
      connected,
      count: sumOf(scrape, connected, ''),
    });
  }
};

let relay: RelayProcess;
beforeAll(async () => {
  relay = await RelayProcess.start(['--max-phones', String(CAP), '--grace', '10m', '--probe-timeout', '10m']);
});
afterAll(() => relay.kill());

test('over real sockets, with server-ids that interleave', async () => {
  const options = {
    base: relay.url,
    graceMs: 600_000,
    probeTimeoutMs: 600_000,
    maxPhones: CAP,
    patienceMs: 10_000,
  };
  // The covers test timers that expire; these walks mix all other events.
  const allows = ({ event }: Edge): boolean => event !== 'drain' && !TIMED_EVENTS.has(event);
  await fc.assert(
    fc.asyncProperty(walk(40), async (steps) => {
      const targets = Array.from(
        { length: SERVERS },
        () => new WireTarget({ ...options, serverId: newServerId() }),
      );
      try {
        await take(steps, targets, allows);
        await expectPaired();
      } finally {
        for (const target of targets) target.dispose();
      }
    }),
    { numRuns: 40, ...replay },
  );
  // Walks without an admission or without a departure would prove nothing.
  const scrape = await relay.scrape();
  expect(sumOf(scrape, 'ws_upgrade_attempts_total', 'outcome="accept"')).toBeGreaterThan(40);
  expect(sumOf(scrape, 'connections_left_total', '')).toBeGreaterThan(40);
}, 90_000);
