/** What is recorded as covered of a chart: purely, by paths, and of running actors. */
import { expect, test } from 'vitest';
import { assign, createActor, setup } from 'xstate';
import { ChartCoverage, possiblePairs } from '../../src/testing/chart-coverage.ts';
import { coveragePage } from '../../src/testing/coverage-page.ts';
import { coverageJson, coverageText, reportCoverage, uncovered } from '../../src/testing/coverage-report.ts';
import { DrivenClock } from '../../src/testing/driven-clock.ts';
import { explore } from '../../src/testing/explore.ts';
import { modelPaths } from '../../src/testing/model-paths.ts';

const gate = setup({
  types: {
    context: {} as { coins: number },
    events: {} as { type: 'coin' } | { type: 'push' } | { type: 'count' },
  },
  guards: { isEnough: ({ context }) => context.coins >= 1, isEmpty: ({ context }) => context.coins === 0 },
  actions: { add: assign({ coins: ({ context }) => context.coins + 1 }), clear: assign({ coins: 0 }) },
  delays: { openTime: 5 },
}).createMachine({
  id: 'gate',
  context: { coins: 0 },
  initial: 'checking',
  states: {
    checking: {
      always: [
        { guard: 'isEnough', target: 'open' },
        { guard: 'isEmpty', target: 'shut' },
      ],
    },
    shut: { on: { coin: [{ guard: 'isEnough', target: 'open' }, { actions: 'add' }] } },
    open: { entry: 'clear', after: { openTime: 'shut' }, on: { push: 'checking' } },
  },
  on: { count: { guard: 'isEnough', actions: 'clear' } },
});

test('a graph covers all, and the start what leads there', () => {
  const coverage = new ChartCoverage(gate);
  coverage.takeSteps(explore(gate));
  // Never both: after `push` the gate is empty, so `checking` is never left for `open`.
  const never = [
    'gate.checking on always [0] → gate.open',
    'gate.checking on always [0] isEnough: holds',
    'gate.checking on always [1] isEmpty: does not hold',
  ];
  expect(uncovered(reportCoverage(coverage))).toEqual(never);
  const exceptions = Object.fromEntries(never.map((name) => [name, 'it is empty']));
  expect(uncovered(reportCoverage(coverage, { exceptions }))).toEqual([]);

  const start = new ChartCoverage(gate);
  start.takeStart(gate);
  expect([...start.transitions]).toEqual(['gate.checking on always [1]']);
  expect([...start.rejected]).toEqual(['gate.checking on always [0]']);
});

test('a timer that fires is not one that is cancelled, and a guard around the state is asked last', () => {
  const coverage = new ChartCoverage(gate);
  const walk = (...names: readonly string[]): void => {
    const edges = explore(gate);
    let at = edges[0]?.from;
    coverage.takePath(
      names.map((name) => {
        const edge = edges.find(({ from, event }) => from === at && event === name);
        if (edge === undefined) throw new Error(`no ${name} in ${at}`);
        at = edge.to;
        return edge;
      }),
    );
  };
  const timer = 'xstate.after.openTime.gate.open';
  walk('count', 'coin', 'coin', 'after openTime');
  expect({ fired: [...coverage.fired], cancelled: [...coverage.cancelled] }).toEqual({
    fired: [timer],
    cancelled: [],
  });
  expect([...coverage.rejected]).toEqual(['gate on count [0]', 'gate.shut on coin [0]']);
  walk('coin', 'coin', 'push');
  expect([...coverage.cancelled]).toEqual([timer]);
  expect([...coverage.pairs]).toContain('gate.shut on coin [1] » gate.shut on coin [0]');
});

test('running actors are recorded as the pure chart is', () => {
  const live = new ChartCoverage(gate);
  const pure = new ChartCoverage(gate);
  const clock = new DrivenClock();
  // Another chart in the same system is left out.
  const actor = createActor(gate, { clock, inspect: live.inspect }).start();
  pure.takeStart(gate);
  for (const path of modelPaths(gate).paths.slice(-1)) pure.takePath(path.steps);
  for (const { trigger, waitMs } of modelPaths(gate).paths.at(-1)?.steps ?? []) {
    clock.advance(waitMs);
    if (!trigger.type.startsWith('xstate.')) actor.send(trigger as { type: 'coin' });
  }
  for (const part of ['states', 'transitions', 'rejected', 'fired', 'cancelled', 'pairs'] as const) {
    expect([part, [...live[part]].toSorted()]).toEqual([part, [...pure[part]].toSorted()]);
  }
});

test('pairs that can follow each other are those of the graph', () => {
  const edges = explore(gate);
  const coverage = new ChartCoverage(gate);
  const pairs = possiblePairs(gate, edges);
  for (const path of modelPaths(gate, { cover: 'pairs' }).paths) coverage.takePath(path.steps);
  const report = reportCoverage(coverage, { pairs });
  expect(report.pairs).toEqual({ covered: pairs.size, possible: pairs.size, missed: [], excepted: [] });
  expect(pairs.size).toBeGreaterThan(5);
});

test('text, JSON and page name what is missed and what is excepted, and an exception that is none', () => {
  const coverage = new ChartCoverage(gate);
  coverage.takeStart(gate);
  const report = reportCoverage(coverage, {
    exceptions: { 'gate.open': 'not <today>', 'gate.shut': 'needless', 'gate.gone': 'no such state' },
  });
  const text = coverageText([report]);
  expect(text).toContain('gate: 3 of 3 states (1 excepted), 1 of 7 transitions, 2 of 8 guard outcomes');
  expect(text).toContain('\n  MISSED gate.shut on coin [0] isEnough: does not hold\n');
  expect(text).toContain('\n  EXCEPTED gate.open: not <today>\n');
  expect(text).toContain('\n  NEEDLESS EXCEPTION gate.shut\n  UNKNOWN EXCEPTION gate.gone\n');
  expect(uncovered(report)).toContain('exception for no part of the chart: gate.gone');
  expect(JSON.parse(coverageJson([report]))).toMatchObject({ version: 1, charts: [{ chart: 'gate' }] });
  const svg =
    '<svg><g class="state-gate__open"><rect/></g><text class="edge-gate__shut--coin--0">coin</text></svg>';
  const page = coveragePage('A <gate>', [{ machine: gate, report, svg }]);
  expect(page).toContain('<title>A &lt;gate&gt;</title>');
  expect(page).toContain('not &lt;today&gt;');
  expect(page).toContain('#chart-0 text.edge-gate__shut--coin--0 *{fill:var(--missed)}');
  expect(page).toContain('.state-gate__open>:is(path,rect,polygon):first-of-type{stroke:var(--excepted)}');
  expect(page).not.toMatch(/<script|https?:/);
});
