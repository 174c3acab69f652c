/** Faults planted in a chart by its structure, and what becomes of them. */
import { expect, test } from 'vitest';
import { setup } from 'xstate';
import { exploreInvariants } from '../../src/conformance/invariants.ts';
import { serverGraph } from '../../src/conformance/server-graph.ts';
import { serverMachine } from '../../src/machines/server-machine.ts';
import { chartMutants } from '../../src/testing/chart-mutants.ts';
import { explore } from '../../src/testing/explore.ts';
import { runMutants } from '../../src/testing/mutants.ts';

const gate = setup({
  types: { events: {} as { type: 'coin' } | { type: 'push' } },
  guards: { isPaid: () => true },
  actions: { beep: () => {}, count: () => {} },
  delays: { openTime: 5 },
}).createMachine({
  id: 'gate',
  initial: 'shut',
  entry: 'count',
  states: {
    shut: {
      on: { coin: [{ guard: 'isPaid', target: 'open', actions: ['beep', 'count'] }, { actions: 'beep' }] },
    },
    open: { exit: { type: 'beep' }, after: { openTime: 'shut' }, on: { push: { target: 'shut' } } },
  },
});

test('each part of the structure is left out once', () => {
  expect(chartMutants(gate).map(({ name }) => name)).toEqual([
    'gate: entry action count is left out',
    'gate.shut on coin [0] is left out',
    'gate.shut on coin [0]: guard isPaid always holds',
    'gate.shut on coin [0]: the state does not change',
    'gate.shut on coin [0]: action beep is left out',
    'gate.shut on coin [0]: action count is left out',
    'gate.shut on coin [1] is left out',
    'gate.shut on coin [1]: action beep is left out',
    'gate.open on push is left out',
    'gate.open after openTime is left out',
    'gate.open: exit action beep is left out',
  ]);
});

test('a mutant is a chart, and the original is untouched', () => {
  const before = JSON.stringify(gate.config);
  const without = chartMutants(gate).find(({ name }) => name === 'gate.open after openTime is left out');
  expect(without && explore(without.subject).map(({ event }) => event)).not.toContain('after openTime');
  expect(explore(gate).map(({ event }) => event)).toContain('after openTime');
  expect(JSON.stringify(gate.config)).toBe(before);
});

test('the first layer that finds it, by result or exception, has killed it', async () => {
  const layers = [
    { name: 'cheap', find: (n: number) => (n === 1 ? 'one' : undefined) },
    {
      name: 'dear',
      find: async (n: number) => {
        if (n === 2) throw new Error('two');
      },
    },
  ];
  const mutants = [1, 2, 3].map((subject) => ({ name: String(subject), subject }));
  expect(await runMutants(0, mutants, layers)).toEqual([
    { mutant: '1', kill: { layer: 'cheap', how: 'one' } },
    { mutant: '2', kill: { layer: 'dear', how: 'two' } },
    { mutant: '3', kill: undefined },
  ]);
  await expect(runMutants(1, mutants, layers)).rejects.toThrow('without a planted fault, "cheap" finds: one');
});

/** What these do is emitted for the log and the metrics: no place and no other actor depends on it. */
const REPORTS = ['action announceGrace', 'action announceExpiry', 'server.claimed.grace on phone.ended'];

test('of the server chart: invariants and graph find all that its places show', async () => {
  const small = { maxPhones: 1, mostPhones: 1, mostInLine: 1 };
  const longLine = { maxPhones: 1, mostPhones: 0, mostInLine: 16 };
  const graphs = [small, longLine].map((options) => JSON.stringify(serverGraph(options)));
  const layers = [small, longLine].flatMap((options, n) => [
    {
      name: 'invariants',
      find: (machine: typeof serverMachine) => exploreInvariants(options, machine).violations[0],
    },
    {
      // The paths through the actors judge the right graph by the table of expectations.
      name: 'graph',
      find: (machine: typeof serverMachine) =>
        JSON.stringify(serverGraph(options, machine)) === graphs[n] ? undefined : 'another graph',
    },
  ]);
  const verdicts = await runMutants(serverMachine, chartMutants(serverMachine), layers);
  const survivors = verdicts.flatMap(({ mutant, kill }) => (kill === undefined ? [mutant] : []));
  expect(survivors.filter((name) => !REPORTS.some((report) => name.includes(report)))).toEqual([]);
  console.log(`${verdicts.length} faults in the server chart, ${survivors.length} in reports only`);
});
