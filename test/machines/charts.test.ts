/**
 * What neither the compiler nor xstate checks about a chart: an unknown delay name makes its transition
 * immediate, an unknown action does nothing, and a wildcard transition also sees xstate's own events.
 */

import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, type AnyStateNode, createMachine } from 'xstate';
import { ALL_CHARTS } from '../../src/machines/all-charts.ts';
import { certificateMachine } from '../../src/machines/certificate-machine.ts';
import { connectionMachine } from '../../src/machines/connection-machine.ts';
import { pushMachine } from '../../src/machines/push-machine.ts';
import { relayMachine } from '../../src/machines/relay-machine.ts';
import { serverMachine } from '../../src/machines/server-machine.ts';
import { wakeMachine } from '../../src/machines/wake-machine.ts';

const statesOf = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap((child) => statesOf(child)),
];

/** Of a chart whose children are many and have no names of their own. It sees nothing else of xstate's own events. */
const CHILD_FAILED = 'xstate.error.actor.*';

/** The name under which a chart uses a guard or an action; null when it is written in place. */
const nameOf = (used: unknown): string | null => {
  if (typeof used === 'string') return used;
  const isNamed =
    typeof used === 'object' && used !== null && 'type' in used && typeof used.type === 'string';
  return isNamed ? String(used.type) : null;
};

const nameFault = (place: string, kind: string, used: unknown, declared: object): string[] => {
  const name = nameOf(used);
  if (name === null) return [`${place}: ${kind} without a name`];
  return Object.hasOwn(declared, name) ? [] : [`${place}: unknown ${kind} ${name}`];
};

/** As written: to a state with an `after`, xstate adds actions of its own that start and cancel the timer. */
const entryAndExit = ({ config }: AnyStateNode): unknown[] => [config.entry ?? [], config.exit ?? []].flat();

const stateFaults = (machine: AnyStateMachine, node: AnyStateNode): string[] => {
  const { actions, delays, guards } = machine.implementations;
  const known = new Set(statesOf(machine.root));
  const faults: string[] = [];
  if ((node.description ?? '').trim() === '') faults.push(`${node.id}: no description`);
  for (const delay of Object.keys(node.config.after ?? {})) {
    if (!Object.hasOwn(delays, delay)) faults.push(`${node.id}: unknown delay ${delay}`);
  }
  for (const type of Object.keys(node.config.on ?? {})) {
    if (type.includes('*') && type !== CHILD_FAILED) faults.push(`${node.id}: wildcard ${type}`);
  }
  const transitions = [...node.transitions.values(), node.always ?? []].flat();
  for (const transition of transitions) {
    const place = `${node.id} on ${transition.eventType}`;
    const targets = transition.target ?? [];
    if (targets.some((target) => !known.has(target))) faults.push(`${place}: target outside of the chart`);
    const { guard } = transition;
    if (guard !== undefined) faults.push(...nameFault(place, 'guard', guard, guards));
    for (const action of transition.actions) faults.push(...nameFault(place, 'action', action, actions));
  }
  for (const action of entryAndExit(node)) {
    faults.push(...nameFault(node.id, 'action', action, actions));
  }
  return faults;
};

const faultsOf = (machine: AnyStateMachine): string[] =>
  statesOf(machine.root).flatMap((node) => stateFaults(machine, node));

/** The declared names that the chart never uses. */
const unusedNames = (machine: AnyStateMachine): string[] => {
  const used = new Set<string | null>();
  for (const node of statesOf(machine.root)) {
    for (const delay of Object.keys(node.config.after ?? {})) used.add(delay);
    for (const action of entryAndExit(node)) used.add(nameOf(action));
    for (const transition of [...node.transitions.values(), node.always ?? []].flat()) {
      used.add(nameOf(transition.guard));
      for (const action of transition.actions) used.add(nameOf(action));
    }
  }
  const { actions, delays, guards } = machine.implementations;
  return [actions, delays, guards]
    .flatMap((declared) => Object.keys(declared))
    .filter((name) => !used.has(name));
};

const charts: [string, AnyStateMachine, string[]][] = [
  ['certificate', certificateMachine, ['ended', 'fresh', 'ordering', 'retrying', 'starting']],
  [
    'relay',
    relayMachine,
    ['draining', 'draining.announcing', 'draining.closing', 'draining.spreading', 'serving', 'stopped'],
  ],
  [
    'server',
    serverMachine,
    ['claimed', 'claimed.grace', 'claimed.held', 'claimed.held.live', 'claimed.held.probing'].concat([
      'released',
      'unclaimed',
    ]),
  ],
  [
    'push',
    pushMachine,
    ['ended', 'ending', 'off', 'on', 'on.backingOff', 'on.fetching', 'on.idle', 'on.ready', 'starting'],
  ],
  [
    'wake',
    wakeMachine,
    ['awaitingCredential', 'delivering', 'delivering.sending', 'delivering.waitingToRetry', 'ended'],
  ],
  [
    'connection',
    connectionMachine,
    ['closing', 'closing.answering', 'closing.cut', 'closing.finishing', 'closing.flushing']
      .concat(['closing.objecting', 'closing.starting', 'closing.writing', 'ended'])
      .concat(['open', 'open.fresh', 'open.pinged', 'open.quiet', 'open.suspended'])
      .concat(['refused', 'refused.answering', 'refused.cut', 'refused.finishing', 'refused.writing'])
      .concat(['waiting']),
  ],
];

test('each file of a machine is among all charts, which are drawn, printed and compared', () => {
  const files = readdirSync(new URL('../../src/machines/', import.meta.url));
  const named = files.flatMap((file) => /^(.+)-machine\.ts$/.exec(file)?.[1] ?? []);
  expect(ALL_CHARTS.map(({ id }) => id).toSorted()).toEqual(named.toSorted());
});

describe.each(charts)('the %s chart', (_name, machine, paths) => {
  test('has only delays, guards and actions that are declared, targets that exist, and descriptions', () => {
    expect(faultsOf(machine)).toStrictEqual([]);
  });

  test('uses every delay, guard and action that is declared', () => {
    expect(unusedNames(machine)).toStrictEqual([]);
  });

  test('has these states, and one of them is its end', () => {
    const nodes = statesOf(machine.root).slice(1);
    expect(nodes.map(({ path }) => path.join('.')).sort()).toStrictEqual(paths);
    expect(nodes.filter(({ type }) => type === 'final')).toHaveLength(1);
  });
});

test('the check finds each fault in a chart that has them all', () => {
  const faulty = createMachine({
    id: 'faulty',
    description: 'Wrong on purpose.',
    initial: 'first',
    states: {
      first: {
        description: '',
        entry: 'undeclared',
        after: { soon: 'second' },
        on: { '*': 'second', 'some.*': 'second', go: { guard: () => true, target: 'second' } },
        always: { guard: 'isUndeclared', actions: () => {}, target: 'second' },
      },
      second: { description: 'The end.', exit: () => {} },
    },
  });
  expect(faultsOf(faulty).sort()).toStrictEqual([
    'faulty.first on : action without a name',
    'faulty.first on : unknown guard isUndeclared',
    'faulty.first on go: guard without a name',
    'faulty.first: no description',
    'faulty.first: unknown action undeclared',
    'faulty.first: unknown delay soon',
    'faulty.first: wildcard *',
    'faulty.first: wildcard some.*',
    'faulty.second: action without a name',
  ]);
});

test('a chart whose target does not exist cannot be made', () => {
  expect(() => createMachine({ initial: 'first', states: { first: { on: { go: 'nowhere' } } } })).toThrow(
    'nowhere',
  );
});
