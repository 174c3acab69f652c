/** Chart, Mermaid text and picture say the same: each transition of the chart is in both, and they say no other. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { drawAll } from '../../scripts/diagrams/draw-all.js';
import { edgeHook, stateHook } from '../../scripts/diagrams/hooks.js';
import { ALL_CHARTS } from '../../src/machines/index.ts';

let drawn: Map<string, string>;
beforeAll(async () => {
  drawn = await drawAll(ALL_CHARTS);
});

const statesOf = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap((child) => statesOf(child)),
];

const nameOf = (used: unknown): string =>
  typeof used === 'string' ? used : String(Reflect.get(Object(used), 'type'));

interface Said {
  readonly source: string;
  readonly trigger: string;
  readonly target: string | null;
  readonly actions: string;
}
const line = ({ source, trigger, target, actions }: Said): string =>
  `${source}: ${trigger} → ${target ?? 'no other state'} / ${actions}`;

const transitionsOf = (node: AnyStateNode): (Said & { readonly hook: string })[] =>
  [...node.transitions.values(), node.always ?? []].flatMap((candidates) =>
    candidates.map(({ eventType, guard, target, actions }, n) => {
      const timer = node.after.find((each) => each.eventType === eventType);
      const event = timer === undefined ? eventType : `after ${String(timer.delay)}`;
      const condition = guard === undefined ? (n > 0 ? '[otherwise]' : '') : `[${nameOf(guard)}]`;
      return {
        hook: edgeHook(node.id, eventType, n),
        source: node.id,
        trigger: [event, condition].filter((each) => each !== '').join(' '),
        target: target?.[0]?.id ?? null,
        actions: actions.map((action) => nameOf(action)).join(', '),
      };
    }),
  );

/** `place: trigger → goal / actions`; place and goal only if it does not start or end at the boxes themselves. */
const SENTENCE = /^(?:([\w.]+): )?(.+?)(?: → ([\w.]+))?(?: \/ (.*))?$/;

const parse = (sentence: string) => {
  const [, place, trigger = '', goal, actions = ''] = SENTENCE.exec(sentence) ?? [];
  // The reason of an action tells rules apart; the chart's own name is before it.
  return { place, trigger, goal, actions: actions.replaceAll(/\([^)]*\)/g, '') };
};

const onArrow = (sentence: string, from: string, to: string): string => {
  const { place, goal, ...rest } = parse(sentence);
  const [source, target] = [
    [from, place],
    [to, goal],
  ].map((path) => path.filter((each) => each !== undefined).join('.'));
  return line({ ...rest, source: source ?? '', target: target ?? '' });
};

/** A target is named without the ancestors that it shares with the source. */
const inBox = (sentence: string, source: string, states: ReadonlySet<string>): string => {
  const { goal, ...rest } = parse(sentence);
  if (goal === undefined) return line({ ...rest, source, target: null });
  const path = source.split('.');
  const around = path.map((_, n) => path.slice(0, path.length - n).join('.'));
  const target = around.map((each) => `${each}.${goal}`).find((each) => states.has(each)) ?? `no ${goal}`;
  return line({ ...rest, source, target });
};

const mermaidSays = (text: string, nodes: readonly AnyStateNode[]): string[] => {
  const states = new Set(nodes.map(({ id }) => id));
  const byWord = new Map([...states].map((id) => [id.replaceAll('.', '__'), id]));
  const idOf = (word = ''): string => byWord.get(word.replace(/__anywhere$/, '')) ?? `unknown ${word}`;
  const plain = (escaped = ''): string => escaped.replaceAll('#58;', ':').replaceAll('#59;', ';');
  const prose = new Set(nodes.map(({ description }) => description));
  const isRule = (words: string): boolean => !prose.has(words) && !/^(?:entry|exit) \/|^invokes /.test(words);
  let noted = '';
  return text.split('\n').flatMap((each) => {
    const [, from, to, labels] = /^ *(\w+) --> (\w+) : (.*)$/.exec(each) ?? [];
    if (labels !== undefined) {
      return labels.split('<br>').map((words) => onArrow(plain(words), idOf(from), idOf(to)));
    }
    const [, note, end] = /^ *(?:note right of (\w+)|(end note))$/.exec(each) ?? [];
    if (note !== undefined || end !== undefined) {
      noted = note ?? '';
      return [];
    }
    const [, box = noted, words = ''] =
      /^ *(\w+) : (.*)$/.exec(each) ?? (noted === '' ? [] : [each, noted, each.trim()]);
    return box === '' || !isRule(plain(words)) ? [] : [inBox(plain(words), idOf(box), states)];
  });
};

const pictureSays = (svg: string, nodes: readonly AnyStateNode[]): string[] => {
  const states = new Set(nodes.map(({ id }) => id));
  const byHook = new Map([...states].map((id) => [stateHook(id), id]));
  return [...svg.matchAll(/<g class="([^"]*)"([^>]*)>([\s\S]*?)<\/g>/g)].flatMap(
    ([, classes = '', attributes = '', body = '']) => {
      const words = new Map<string, string[]>();
      for (const [, hook = '', written = ''] of body.matchAll(
        /<text class="\w+ (edge-[^"]*)"[^>]*>(.*?)<\/text>/g,
      )) {
        const plain = written.replaceAll(/<[^>]+>/g, '').replaceAll('&gt;', '>');
        words.set(hook, [...(words.get(hook) ?? []), plain]);
      }
      const [, from, to] = /data-from="([^"]*)" data-to="([^"]*)"/.exec(attributes) ?? [];
      const box = byHook.get(classes.split(' ')[1] ?? '') ?? `unknown ${classes}`;
      return [...words.values()].map((rows) =>
        from === undefined || to === undefined
          ? inBox(rows.join(' '), box, states)
          : onArrow(rows.join(' '), from, to),
      );
    },
  );
};

describe.each(ALL_CHARTS)('the $id chart', (machine: AnyStateMachine) => {
  const nodes = statesOf(machine.root);
  const wanted = nodes.flatMap((node) => transitionsOf(node).map((each) => line(each)));

  test('has all its transitions in the Mermaid text, and no others', () => {
    expect(wanted.length).toBeGreaterThan(5);
    const text = drawn.get(`${machine.id}.mmd`) ?? '';
    expect(text).not.toContain('%%');
    expect(mermaidSays(text, nodes).toSorted()).toEqual(wanted.toSorted());
  });

  test('has all its transitions in the picture, and no others', () => {
    expect(pictureSays(drawn.get(`${machine.id}.svg`) ?? '', nodes).toSorted()).toEqual(wanted.toSorted());
  });

  test('has no two transitions that read the same', () => {
    const svg = drawn.get(`${machine.id}.svg`) ?? '';
    for (const [, , body = ''] of svg.matchAll(/<g class="([^"]*)"[^>]*>([\s\S]*?)<\/g>/g)) {
      const rules = [...body.matchAll(/<text class="reaction edge-[^"]*"[^>]*>(.*?)<\/text>/g)].map(
        ([, words = '']) => words.replaceAll(/<[^>]+>/g, ''),
      );
      const effects = rules.map((rule) => rule.replace(/\[\w+\] /, ''));
      const told = effects.filter((each) => each.includes(' / '));
      expect(told.filter((each, n) => told.indexOf(each) !== n)).toEqual([]);
    }
  });
});
