/** The pictures in diagrams/ are up to date and show the charts completely. */
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type AnyStateMachine, type AnyStateNode, createMachine } from 'xstate';
import { drawAll } from '../../scripts/diagrams/draw-all.js';
import { edgeHook, stateHook } from '../../scripts/diagrams/hooks.js';
import { ALL_CHARTS, connectionMachine, serverMachine } from '../../src/machines/index.ts';

const FOLDER = new URL('../../diagrams/', import.meta.url);

let drawn: Map<string, string>;
beforeAll(async () => {
  drawn = await drawAll(ALL_CHARTS);
});

const picture = (machine: AnyStateMachine): string => drawn.get(`${machine.id}.svg`) ?? '';

const statesOf = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap((child) => statesOf(child)),
];

/** All classes in it, of any element. */
const classesIn = (svg: string): Set<string> =>
  new Set([...svg.matchAll(/class="([^"]*)"/g)].flatMap(([, classes]) => (classes ?? '').split(' ')));

test('they are what `npm run diagrams` writes now', () => {
  expect(readdirSync(FOLDER).toSorted()).toEqual([...drawn.keys()].toSorted());
  for (const [name, text] of drawn) {
    expect(readFileSync(new URL(name, FOLDER), 'utf8') === text, `diagrams/${name} is stale`).toBe(true);
  }
});

test('the same charts give the same bytes', async () => {
  expect(await drawAll(ALL_CHARTS)).toEqual(drawn);
});

test('a chart with one more transition gives another picture, and another text', async () => {
  const config = { id: 'small', initial: 'a', states: { a: { on: { go: 'b' } }, b: {} } };
  const before = await drawAll([createMachine(config)]);
  const after = await drawAll([createMachine({ ...config, on: { stay: {} } })]);
  expect(after.get('small.svg')).not.toBe(before.get('small.svg'));
  expect(after.get('small.mmd')).not.toBe(before.get('small.mmd'));
});

describe.each(ALL_CHARTS)('the picture of the $id chart', (machine) => {
  const nodes = statesOf(machine.root);

  test('has a class for each state and each transition', () => {
    const found = classesIn(picture(machine));
    const wanted = nodes.flatMap((node) => [
      stateHook(node.id),
      ...[...node.transitions.values(), node.always ?? []].flatMap((candidates) =>
        candidates.map(({ eventType }, n) => edgeHook(node.id, eventType, n)),
      ),
    ]);
    expect(wanted.length).toBeGreaterThan(nodes.length);
    expect(wanted.filter((hook) => !found.has(hook))).toEqual([]);
  });

  test('names only classes of states and transitions', () => {
    const hooks = [...classesIn(picture(machine))].filter((name) => /^(state|edge)-/.test(name));
    const known = new Set(
      nodes.flatMap((node) => [
        stateHook(node.id),
        ...[...node.transitions.values(), node.always ?? []].flatMap((candidates) =>
          candidates.map(({ eventType }, n) => edgeHook(node.id, eventType, n)),
        ),
      ]),
    );
    expect(hooks.filter((hook) => !known.has(hook))).toEqual([]);
  });

  test('shows each description, guard, action and delay in both forms', () => {
    const text = (drawn.get(`${machine.id}.mmd`) ?? '').replaceAll('#58;', ':').replaceAll('#59;', ';');
    const words = picture(machine)
      .replaceAll(/<(?:title|style)>[\s\S]*?<\/(?:title|style)>|<\/?tspan[^>]*>/g, '')
      .replaceAll(/<[^>]+>/g, '')
      .replaceAll('&#39;', "'")
      .replaceAll('&#45;', '-')
      .replaceAll(/\s+/g, ' ');
    const { actions, delays, guards } = machine.implementations;
    const names = [actions, delays, guards].flatMap((declared) => Object.keys(declared));
    const said = [...names, ...nodes.map(({ description }) => description ?? '')];
    for (const each of said) {
      expect(words).toContain(each);
      expect(text).toContain(each);
    }
  });
});

test('an arrow joins boxes that lie side by side, and one that would lead around another is written in its source', () => {
  const isArrow = (machine: AnyStateMachine, hook: string): boolean =>
    [...picture(machine).matchAll(/<g class="edge ([^"]*)"/g)].some(([, hooks = '']) =>
      hooks.split(' ').includes(hook),
    );
  expect(isArrow(connectionMachine, 'edge-connection__closing--socket__ended--0')).toBe(true);
  expect(isArrow(connectionMachine, 'edge-connection__waiting--socket__ended--0')).toBe(false);
  expect(picture(connectionMachine)).toContain('peer.closed → closing.finishing');
  expect(drawn.get('connection.mmd')).toContain('socket.ended → ended / withdraw, reportEnded');
  expect(isArrow(serverMachine, 'edge-server__unclaimed--drain--0')).toBe(false);
  expect(isArrow(serverMachine, 'edge-server__claimed__grace--drain--0')).toBe(true);
  expect(drawn.get('server.mmd')).toContain('grace#58; drain / evictPhones');
  const timer = 'xstate__after__gracePeriod__server__claimed__grace';
  expect(isArrow(serverMachine, `edge-server__claimed__grace--${timer}--0`)).toBe(true);
});

test('the overview has arrowheads, and explains its shapes and the words that are no event', () => {
  const overview = drawn.get('overview.svg') ?? '';
  const lines = [...overview.matchAll(/<path class="line[^>]*>/g)];
  expect(lines.length).toBeGreaterThan(20);
  expect([...overview.matchAll(/<polygon class="head"/g)]).toHaveLength(lines.length);
  const [, legend = ''] = overview.split('<g class="legend">');
  const words = [...legend.matchAll(/<text [^>]*>(.*?)<\/text>/g)].map(([, each = '']) =>
    each.replaceAll(/<[^>]+>/g, ''),
  );
  expect(words).toEqual([
    'Legend',
    'an actor',
    'not an actor',
    'creates it, tells it events, ...',
    'tells it events, by way of the directory',
    'n',
    'step n in the life of a phone',
    'orders: what is to be done outside',
    'reports: what was decided, for log and metrics',
  ]);
});

test('no picture loads or runs anything, or is black on a dark page', () => {
  for (const [name, text] of drawn) {
    if (!name.endsWith('.svg')) continue;
    expect(text.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(
      /https?:|<script|href=|\son\w+=/,
    );
    expect(text).not.toContain('"black"');
    expect(text).toContain('<rect class="card"');
    expect(text).toContain('prefers-color-scheme:dark');
  }
});

test('everything drawn is inside the picture', () => {
  for (const [name, text] of drawn) {
    if (!name.endsWith('.svg')) continue;
    const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(text) ?? [];
    const [, left, top] = /translate\(([\d.-]+) ([\d.-]+)\)/.exec(text) ?? [];
    const texts = [...text.matchAll(/<text [^>]*x="([\d.-]+)" y="([\d.-]+)"/g)];
    expect(texts.length).toBeGreaterThan(5);
    for (const [, x, y] of texts) {
      expect(Number(x) + Number(left)).toBeGreaterThan(0);
      expect(Number(x) + Number(left)).toBeLessThan(Number(width));
      expect(Number(y) + Number(top)).toBeGreaterThan(0);
      expect(Number(y) + Number(top)).toBeLessThan(Number(height));
    }
  }
});
