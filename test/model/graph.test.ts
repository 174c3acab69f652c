/** The graphs of the production machines. The numbers are asserted so that a change of a chart shows up in review. */
import { describe, expect, test } from 'vitest';
import { coverPaths, eachOnce } from '../../src/conformance/covers.ts';
import { longLineGraph, modelGraph, modelPaths } from '../../src/conformance/model.ts';
import { exploreServer, GRACE_TIMER, PROBE_TIMER } from '../../src/conformance/server-graph.ts';
import { describeSituation, WIRE_EVENTS } from '../../src/conformance/wire-events.ts';
import { connectionMachine } from '../../src/machines/connection-machine.ts';
import { relayMachine } from '../../src/machines/relay-machine.ts';
import { serverMachine } from '../../src/machines/server-machine.ts';
import { transitionCoverage } from '../../src/testing/chart-transitions.ts';
import {
  CONNECTION_EVENTS,
  exploreConnection,
  exploreRelay,
  exploreServers,
  timersOf,
} from './explored-charts.ts';

const situations = (graph: ReturnType<typeof modelGraph>): number =>
  new Set(graph.flatMap(({ from, to }) => [describeSituation(from), describeSituation(to)])).size;

describe('the server chart', () => {
  test.each([
    { cap: 1, states: 10, edges: 73, edge: 73, pairs: 486 },
    { cap: 2, states: 14, edges: 117, edge: 117, pairs: 884 },
    { cap: 3, states: 18, edges: 161, edge: 161, pairs: 1282 },
    { cap: 16, states: 70, edges: 733, edge: 733, pairs: 6456 },
    { cap: 0, states: 30, edges: 289, edge: 289, pairs: 2415 },
  ])(
    'at cap $cap: $states states, $edges edges, $edge paths by edges, $pairs by pairs',
    ({ cap, ...counts }) => {
      const graph = modelGraph(cap);
      expect({
        states: situations(graph),
        edges: graph.length,
        edge: coverPaths(graph, 'edge').length,
        pairs: coverPaths(graph, 'pairs').length,
      }).toEqual(counts);
    },
  );

  test('the line of claimants up to its limit', () => {
    expect({ states: situations(longLineGraph()), edges: longLineGraph().length }).toEqual({
      states: 38,
      edges: 365,
    });
  });

  test('every transition is taken, including timers and guards that reject', () => {
    const { all, missed } = transitionCoverage(serverMachine, exploreServers());
    expect(missed).toEqual([]);
    expect(all).toHaveLength(24);
  });

  test('every event of the wire is in the graph, and the timers are those of the chart', () => {
    const used = new Set([...modelGraph(2), ...longLineGraph()].map(({ event }) => event));
    expect([...used].toSorted()).toEqual([...WIRE_EVENTS].toSorted());
    expect(serverMachine.events).toEqual(expect.arrayContaining([GRACE_TIMER, PROBE_TIMER]));
  });

  test('two paths that share an id are an error, not one path', () => {
    const [one, two] = modelPaths({ maxPhones: 1, cover: 'edge' });
    if (one === undefined || two === undefined) throw new Error('there are two paths');
    expect(eachOnce([one, one])).toEqual([one]);
    expect(() => eachOnce([one, { ...two, id: one.id }])).toThrow('share the id');
  });

  test('edge cover has every edge, pair cover every two that can follow', () => {
    const graph = modelGraph(2);
    const name = (edge: (typeof graph)[number]): string => `${describeSituation(edge.from)}|${edge.event}`;
    const last = coverPaths(graph, 'edge').map(({ steps }) => steps.at(-1));
    expect(new Set(last.map((edge) => edge && name(edge)))).toEqual(new Set(graph.map(name)));
    const followed = new Set(
      coverPaths(graph, 'pairs').map(({ steps }) => steps.slice(-2).map(name).join(' > ')),
    );
    for (const edge of graph) {
      for (const next of graph.filter(({ from }) => describeSituation(from) === describeSituation(edge.to))) {
        expect(followed).toContain(`${name(edge)} > ${name(next)}`);
      }
    }
  });

  test('a forgotten event is detected', () => {
    const steps = exploreServer({ maxPhones: 1, mostPhones: 1, mostInLine: 1 });
    const { missed } = transitionCoverage(
      serverMachine,
      steps.filter(({ event }) => event !== 'grace passes' && event !== 'time passes'),
    );
    expect(missed).toContain(`server.claimed.grace on ${GRACE_TIMER} [0] → server.released`);
  });
});

const statesOf = (edges: readonly { readonly from: string; readonly to: string }[]): number =>
  new Set(edges.flatMap(({ from, to }) => [from, to])).size;

describe('the connection chart', () => {
  test('every event of a connection is among those it is told', () => {
    const told = new Set<string>(
      [...CONNECTION_EVENTS, ...timersOf(connectionMachine)].map(({ type }) => type),
    );
    expect([...told].toSorted()).toEqual(connectionMachine.events.toSorted());
  });

  test('every transition is taken, for phones and for binaries', () => {
    const phone = exploreConnection('phone');
    const binary = exploreConnection('binary');
    const { all, missed } = transitionCoverage(connectionMachine, [...phone, ...binary]);
    expect(missed).toEqual([]);
    expect({ transitions: all.length, phone: statesOf(phone), binary: statesOf(binary) }).toEqual({
      transitions: 68,
      phone: 104,
      binary: 96,
    });
  });
});

test('the relay chart: every transition is taken', () => {
  const ways = exploreRelay();
  const { all, missed } = transitionCoverage(relayMachine, ways.flat());
  expect(missed).toEqual([]);
  expect({ transitions: all.length, states: ways.map(statesOf) }).toEqual({
    transitions: 14,
    states: [3, 4, 9, 10],
  });
});
