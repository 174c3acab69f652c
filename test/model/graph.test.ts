/** The graphs of the production machines. The numbers are asserted so that a change of a chart shows up in review. */
import { adjacencyMapToArray, getAdjacencyMap } from '@xstate/graph';
import { describe, expect, test } from 'vitest';
import type { ActorLogic, AnyMachineSnapshot, EventObject } from 'xstate';
import { transitionCoverage } from '../../src/conformance/chart-transitions.ts';
import { coverPaths, eachOnce } from '../../src/conformance/covers.ts';
import { longLineGraph, modelGraph, modelPaths } from '../../src/conformance/model.ts';
import { exploreServer, GRACE_TIMER, PROBE_TIMER } from '../../src/conformance/server-graph.ts';
import { describeSituation, WIRE_EVENTS } from '../../src/conformance/wire-events.ts';
import { connectionMachine } from '../../src/machines/connection-machine.ts';
import type { ConnectionEvent, ConnectionInput } from '../../src/machines/connection-messages.ts';
import { relayMachine } from '../../src/machines/relay-machine.ts';
import { serverMachine } from '../../src/machines/server-machine.ts';

const situations = (graph: ReturnType<typeof modelGraph>): number =>
  new Set(graph.flatMap(({ from, to }) => [describeSituation(from), describeSituation(to)])).size;

describe('the server chart', () => {
  test.each([
    { cap: 1, states: 10, edges: 73, edge: 73, pairs: 493 },
    { cap: 2, states: 14, edges: 117, edge: 117, pairs: 895 },
    { cap: 3, states: 18, edges: 161, edge: 161, pairs: 1297 },
    { cap: 16, states: 70, edges: 733, edge: 733, pairs: 6523 },
    { cap: 0, states: 30, edges: 289, edge: 289, pairs: 2442 },
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

  test('the line of claimants up to its end', () => {
    expect({ states: situations(longLineGraph()), edges: longLineGraph().length }).toEqual({
      states: 38,
      edges: 379,
    });
  });

  test('every transition is taken, those of timers and of guards that reject among them', () => {
    const steps = [
      ...exploreServer({ maxPhones: 1, mostPhones: 1, mostInLine: 1 }),
      ...exploreServer({ maxPhones: 1, mostPhones: 0, mostInLine: 16 }),
      // The wire cannot end a socket without the relay's closing it first, so these come from outside the graph.
      ...exploreServer({ maxPhones: 1, mostPhones: 1, mostInLine: 1 }).flatMap(({ state }) => {
        const { binaryId } = state.context;
        return binaryId === null || state.status !== 'active'
          ? []
          : [{ state, event: { type: 'phone.ended', connId: 'p1', binaryId, closeCode: 1000 } }];
      }),
    ];
    const { all, missed } = transitionCoverage(serverMachine, steps);
    expect(missed).toEqual([]);
    expect(all).toHaveLength(22);
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

  test('an event that was forgotten is noticed', () => {
    const steps = exploreServer({ maxPhones: 1, mostPhones: 1, mostInLine: 1 });
    const { missed } = transitionCoverage(
      serverMachine,
      steps.filter(({ event }) => event.wire !== 'grace passes' && event.wire !== 'time passes'),
    );
    expect(missed).toContain(`server.claimed.grace on ${GRACE_TIMER} [0] → server.released`);
  });
});

/** Timers are events like any other here; the library's types do not know them. */
const explore = (
  machine: typeof connectionMachine | typeof relayMachine,
  input: unknown,
  events: readonly EventObject[],
) => {
  const logic = machine as unknown as ActorLogic<AnyMachineSnapshot, EventObject, unknown>;
  const map = getAdjacencyMap(logic, {
    input,
    events: [...events],
    serializeState: ({ value, context }) =>
      JSON.stringify([value, context.binaryId ?? null, context.order?.cause ?? null]),
    limit: 5_000,
  });
  return { states: Object.keys(map).length, edges: adjacencyMapToArray(map) };
};

describe('the connection chart', () => {
  const input: ConnectionInput = {
    connId: 'c',
    role: 'phone',
    serverId: 's',
    timing: {
      heartbeatIntervalMs: 1,
      heartbeatTimeoutMs: 1,
      flushTimeoutMs: 1,
      closeWriteTimeoutMs: 1,
      closeAnswerTimeoutMs: 1,
    },
  };
  const close = { closeCode: 4404, reason: '' };
  const messages: ConnectionEvent[] = [
    { type: 'admitted', binaryId: 'b' },
    { type: 'close', close, cause: 'refused', flush: false, notice: 'none' },
    { type: 'close', close, cause: 'directive', flush: true, notice: 'none' },
    { type: 'pong.received' },
    { type: 'socket.paused' },
    { type: 'socket.resumed' },
    { type: 'message.stalled' },
    { type: 'write.stalled' },
    { type: 'backlog.overflowed', close, notice: 'asClosed' },
    { type: 'message.rejected', close, cause: 'not_json' },
    { type: 'peer.closing' },
    { type: 'protocol.violated' },
    { type: 'backlog.flushed' },
    { type: 'close.written' },
    { type: 'socket.closed', closeCode: 1006 },
  ];
  const timers = connectionMachine.events
    .filter((type) => type.startsWith('xstate.after'))
    .map((type) => ({ type }));

  test('every transition is taken, for phones and for binaries', () => {
    const phone = explore(connectionMachine, input, [...messages, ...timers]);
    const binary = explore(connectionMachine, { ...input, role: 'binary' as const }, [
      ...messages,
      ...timers,
    ]);
    const { all, missed } = transitionCoverage(connectionMachine, [...phone.edges, ...binary.edges]);
    expect(missed).toEqual([]);
    expect({ transitions: all.length, states: phone.states, edges: phone.edges.length }).toEqual({
      transitions: 31,
      states: 50,
      edges: 1100,
    });
  });
});

test('the relay chart: every transition is taken', () => {
  const input = {
    drainDeadlineMs: 1,
    directory: {
      maxPhones: 1,
      serverTiming: { graceMs: 1, probeTimeoutMs: 1 },
      connectionTiming: {
        heartbeatIntervalMs: 1,
        heartbeatTimeoutMs: 1,
        flushTimeoutMs: 1,
        closeWriteTimeoutMs: 1,
        closeAnswerTimeoutMs: 1,
      },
    },
  };
  const timers = relayMachine.events
    .filter((type) => type.startsWith('xstate.after'))
    .map((type) => ({ type }));
  const { states, edges } = explore(relayMachine, input, [
    { type: 'drain' },
    { type: 'directory.emptied' },
    ...timers,
  ]);
  const { all, missed } = transitionCoverage(relayMachine, edges);
  expect(missed).toEqual([]);
  expect({ transitions: all.length, states }).toEqual({ transitions: 3, states: 3 });
});
