/**
 * Lists all transitions of a chart, and those that a set of steps takes. Our list of events replaces the graph library's
 * own, and a forgotten event would drop its part of the chart silently: this comparison finds it.
 */
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate';
import { takenTransitions } from '../inspect/taken-transitions.ts';
import type { StateNode } from '../machines/active-states.ts';
import { stepPurely } from './pure-logic.ts';

const keyOf = (source: string, event: string, index: number): string =>
  `${source} on ${event || 'always'} [${index}]`;

/** Maps the key of each transition to the key with its target. */
const transitionsOf = (machine: AnyStateMachine): ReadonlyMap<string, string> => {
  const names = new Map<string, string>();
  const add = (node: StateNode, event: string, definitions: NonNullable<StateNode['always']>): void => {
    for (const [i, { target }] of definitions.entries()) {
      const key = keyOf(node.id, event, i);
      names.set(key, `${key} → ${target?.map(({ id }) => id).join(', ') ?? 'itself'}`);
    }
  };
  const visit = (node: StateNode): void => {
    for (const [event, definitions] of node.transitions) add(node, event, definitions);
    add(node, '', node.always ?? []);
    for (const child of Object.values(node.states)) visit(child);
  };
  visit(machine.root);
  return names;
};

export interface TransitionCoverage {
  readonly all: readonly string[];
  readonly missed: readonly string[];
}

export const transitionCoverage = (
  machine: AnyStateMachine,
  steps: readonly { readonly state: AnyMachineSnapshot; readonly trigger: EventObject }[],
): TransitionCoverage => {
  const names = transitionsOf(machine);
  const missed = new Map(names);
  for (const { state, trigger } of steps) {
    for (const taken of stepPurely(machine, state, trigger).microsteps.flatMap(takenTransitions)) {
      missed.delete(keyOf(taken.source, taken.event, taken.index));
    }
  }
  return { all: [...names.values()], missed: [...missed.values()] };
};
