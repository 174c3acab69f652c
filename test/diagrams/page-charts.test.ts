/** The charts of the live page are up to date, and show every state and every transition in each layout. */
import { readdirSync, readFileSync } from 'node:fs';
import { assert, beforeAll, describe, expect, test } from 'vitest';
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

interface Pictures {
  readonly of: string;
  readonly layouts: readonly string[];
}

/** What the page is told of its pictures. */
const picturesOf = ({ id }: AnyStateMachine): readonly Pictures[] =>
  // A test below compares the rest of the file, too.
  (JSON.parse(charts.get(`${id}.json`) ?? '{"pictures":[]}') as { pictures: readonly Pictures[] }).pictures;

/** The transitions that have a label in it, each as often as it has. */
const labelsIn = (svg: string): string[] =>
  [...svg.matchAll(/<text class="([^"]*)"/g)].flatMap(([, classes]) =>
    (classes ?? '').split(' ').filter((name) => name.startsWith('edge-')),
  );

const hooksOf = (taken: readonly Taken[]): string[] =>
  taken.map(({ source, event, index }) => edgeHook(source, event, index)).toSorted();

const isIn = (id: string, outer: string): boolean => id === outer || id.startsWith(`${outer}.`);

describe.each(CHARTS_ON_PAGE)('the $id chart of the page', (machine) => {
  test('has a box for each state and a label for each transition in each layout', () => {
    const [whole] = picturesOf(machine);
    assert(whole?.of === machine.id);
    expect(whole.layouts.length).toBeGreaterThan(2);
    for (const layout of whole.layouts) {
      const svg = charts.get(`${machine.id}-${layout}.svg`) ?? '';
      expect(labelsIn(svg).toSorted()).toEqual(hooksOf(transitionsOf(machine)));
      for (const { id } of statesOf(machine.root))
        expect(svg).toMatch(new RegExp(`"state ${stateHook(id)}[" ]`));
      // Each label is of one transition: what is taken lights up alone.
      for (const [, classes] of svg.matchAll(/<text class="([^"]*edge-[^"]*)"/g)) {
        expect(classes?.match(/edge-/g)).toHaveLength(1);
      }
    }
  });

  test('has in a close-up what is in its state, where that leads, and the others folded', () => {
    const outermost = Object.values(machine.root.states);
    for (const { of, layouts } of picturesOf(machine).slice(1)) {
      const shown = statesOf(machine.root).filter(
        ({ id, parent }) => isIn(id, of) || id === machine.id || parent?.id === machine.id,
      );
      for (const layout of layouts) {
        const svg = charts.get(`${of}-${layout}.svg`) ?? '';
        const own = transitionsOf(machine).filter(({ source }) => source === machine.id || isIn(source, of));
        expect(labelsIn(svg).toSorted()).toEqual(hooksOf(own));
        expect([...svg.matchAll(/"state (state-[^" ]+)/g)].map(([, hook]) => hook).toSorted()).toEqual(
          shown.map(({ id }) => stateHook(id)).toSorted(),
        );
        const folded = outermost.filter(({ id, type }) => id !== of && type !== 'final');
        expect(
          [...svg.matchAll(/"state (state-[^" ]+) folded"/g)].map(([, hook]) => hook).toSorted(),
        ).toEqual(folded.map(({ id }) => stateHook(id)).toSorted());
      }
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

test('only the chart of a connection needs close-ups: of each state that leads somewhere', () => {
  const needed = CHARTS_ON_PAGE.flatMap((machine) => picturesOf(machine).slice(1)).map(({ of }) => of);
  const states = ['waiting', 'open', 'closing', 'refused'];
  expect(needed).toEqual(states.map((state) => `connection.${state}`));
});
