/**
 * Random walks through the graph: events of several server-ids interleave. A failing walk is shrunk, and its message has the
 * seed: `WALK_SEED=… npx vitest run test/model/random-walk` walks it again.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ActorTarget } from '../../src/conformance/actor-target.ts';
import { describeEvents } from '../../src/conformance/covers.ts';
import { expect as expectedFor } from '../../src/conformance/expectations.ts';
import { modelGraph } from '../../src/conformance/model.ts';
import { newServerId } from '../../src/conformance/new-server-id.ts';
import type { Edge } from '../../src/conformance/server-graph.ts';
import { Stalls } from '../../src/conformance/stalls.ts';
import type { Target } from '../../src/conformance/target.ts';
import {
  describeSituation,
  type Situation,
  TIMED_EVENTS,
  type WireEvent,
} from '../../src/conformance/wire-events.ts';
import { WireTarget } from '../../src/conformance/wire-target.ts';
import { assertWalks, findFailingWalk, type Walk } from '../../src/testing/walks.ts';
import { RelayProcess } from '../support/relay-process.ts';

const CAP = 3;
const SERVERS = 3;
const START: Situation = { slot: 'unclaimed', phones: 0, line: 0 };

const model = {
  graph: modelGraph(CAP),
  start: START,
  key: describeSituation,
  subjects: SERVERS,
  ...(process.env['WALK_SEED'] !== undefined && { seed: Number(process.env['WALK_SEED']) }),
};

/** Each server-id has a target of its own. */
const take = async (walk: Walk<Edge>, targets: readonly Target[]): Promise<void> => {
  const events: WireEvent[][] = targets.map(() => []);
  const check = (i: number, problem: string | undefined): void => {
    if (problem !== undefined)
      throw new Error(`server-id ${i}: ${describeEvents(events[i] ?? [])} → ${problem}`);
  };
  for (const { subject, edge } of walk) {
    events[subject]?.push(edge.event);
    const expected = expectedFor(edge.event, edge.from, { maxPhones: CAP, maxLine: 16 });
    check(subject, await targets[subject]?.step(edge, expected));
  }
  for (const [i, target] of targets.entries()) check(i, await target.finish());
};

const takeThroughActors =
  (maxPhones: number) =>
  async (walk: Walk<Edge>): Promise<void> => {
    const targets = Array.from({ length: SERVERS }, () => new ActorTarget(maxPhones));
    try {
      await take(walk, targets);
    } finally {
      for (const target of targets) target.dispose();
    }
  };

test('through the actors', async () => {
  await assertWalks({ ...model, walks: 500, mostSteps: 80, run: takeThroughActors(CAP) });
});

test.each([1, 2, 3, 4, 5])(
  'a fault is found, and its walk is shrunk to the shortest, from seed %i',
  async (seed) => {
    // The actors have a cap of 1, the model 3.
    const run = takeThroughActors(1);
    const failure = await findFailingWalk({ ...model, walks: 500, mostSteps: 80, seed, run });
    // All on one server-id.
    expect(failure?.walk.map(({ edge }) => edge.event)).toEqual(['claim', 'register', 'register']);
    expect(new Set(failure?.walk.map(({ subject }) => subject)).size).toBe(1);
  },
);

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
    patienceMs: 60_000,
    stalls: new Stalls(),
  };
  // The covers test timers that expire; these walks mix all other events.
  const graph = model.graph.filter(({ event }) => event !== 'drain' && !TIMED_EVENTS.has(event));
  await assertWalks({
    ...model,
    graph,
    walks: 40,
    mostSteps: 40,
    run: async (walk) => {
      const targets = Array.from(
        { length: SERVERS },
        () => new WireTarget({ ...options, serverId: newServerId() }),
      );
      try {
        await take(walk, targets);
        await expectPaired();
      } finally {
        for (const target of targets) target.dispose();
      }
    },
  });
  // Walks without an admission or without a departure would prove nothing.
  const scrape = await relay.scrape();
  expect(sumOf(scrape, 'ws_upgrade_attempts_total', 'outcome="accept"')).toBeGreaterThan(40);
  expect(sumOf(scrape, 'connections_left_total', '')).toBeGreaterThan(40);
});
