/** The charts of the live page are up to date, and show every state and every transition in both layouts. */
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { edgeHook, stateHook } from '../../scripts/diagrams/hooks.js';
import { pageCharts } from '../../scripts/diagrams/page-charts.js';
import { edgeHook as pageEdgeHook, stateHook as pageStateHook } from '../../src/inspect/page/chart-hooks.ts';
import { CHARTS_ON_PAGE } from '../support/charts-on-page.ts';

const FOLDER = new URL('../../src/inspect/page/charts/', import.meta.url);

let charts: Map<string, string>;
beforeAll(() => {
  charts = pageCharts(CHARTS_ON_PAGE);
});

const statesOf = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap((child) => statesOf(child)),
];

interface Taken {
  readonly source: string;
  readonly event: string;
  readonly index: number;
}

const transitionsOf = (machine: AnyStateMachine): Taken[] =>
  statesOf(machine.root).flatMap((node) =>
    [...node.transitions.values(), node.always ?? []].flatMap((candidates) =>
      candidates.map(({ eventType: event }, index) => ({ source: node.id, event, index })),
    ),
  );

test('they are what `npm run diagrams` writes now', () => {
  expect(readdirSync(FOLDER).toSorted()).toEqual([...charts.keys()].toSorted());
  for (const [name, text] of charts) {
    expect(readFileSync(new URL(name, FOLDER), 'utf8') === text, `${name} is stale`).toBe(true);
  }
});

describe.each(CHARTS_ON_PAGE)('the $id chart of the page', (machine) => {
  test.each(['wide', 'tall'])('has a box for each state and a label for each transition: %s', (layout) => {
    const svg = charts.get(`${machine.id}-${layout}.svg`) ?? '';
    const labels = [...svg.matchAll(/<text class="([^"]*)"/g)].flatMap(([, classes]) =>
      (classes ?? '').split(' ').filter((name) => name.startsWith('edge-')),
    );
    const wanted = transitionsOf(machine).map(({ source, event, index }) => edgeHook(source, event, index));
    expect(labels.toSorted()).toEqual(wanted.toSorted());
    for (const { id } of statesOf(machine.root))
      expect(svg).toMatch(new RegExp(`"state ${stateHook(id)}[" ]`));
    // Each label is of one transition: what is taken lights up alone.
    for (const [, classes] of svg.matchAll(/<text class="([^"]*edge-[^"]*)"/g)) {
      expect(classes?.match(/edge-/g)).toHaveLength(1);
    }
  });

  test('tells in its data what the chart says', () => {
    const data: unknown = JSON.parse(charts.get(`${machine.id}.json`) ?? '');
    expect(data).toMatchObject({
      states: statesOf(machine.root).map(({ id, description }) => ({ id, description })),
    });
    const hooks = [...JSON.stringify(data).matchAll(/"hook":"([^"]*)"/g)].map(([, hook]) => hook);
    expect(hooks).toEqual(
      transitionsOf(machine).map(({ source, event, index }) => edgeHook(source, event, index)),
    );
  });

  test('the page finds it by the same class names', () => {
    for (const taken of transitionsOf(machine)) {
      expect(pageEdgeHook(taken)).toBe(edgeHook(taken.source, taken.event, taken.index));
    }
    for (const { id } of statesOf(machine.root)) expect(pageStateHook(id)).toBe(stateHook(id));
  });
});
