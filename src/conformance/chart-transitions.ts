/**
 * Every transition a chart has, and which of them a set of steps takes. A list of events replaces the graph library's
 * own, so one that was forgotten makes its part of the chart vanish without a word: this is what notices.
 */
import { type AnyMachineSnapshot, type AnyStateMachine, type EventObject, getMicrosteps } from 'xstate';
import { activeStates, type StateNode } from '../machines/active-states.ts';

type Definition = ReturnType<AnyStateMachine['getTransitionData']>[number];

const nameOf = (definition: Definition, index: number): string => {
  const targets = definition.target?.map(({ id }) => id).join(', ') ?? 'itself';
  return `${definition.source.id} on ${definition.eventType || 'always'} [${index}] → ${targets}`;
};

const definitionsOf = (machine: AnyStateMachine): Map<Definition, string> => {
  const names = new Map<Definition, string>();
  const visit = (node: StateNode): void => {
    for (const definitions of node.transitions.values()) {
      for (const [i, definition] of definitions.entries()) names.set(definition, nameOf(definition, i));
    }
    for (const [i, definition] of (node.always ?? []).entries()) names.set(definition, nameOf(definition, i));
    for (const child of Object.values(node.states)) visit(child);
  };
  visit(machine.root);
  return names;
};

/** Eventless transitions are taken between microsteps: the first one that leads where the next microstep is. */
const eventlessTaken = (before: AnyMachineSnapshot, next: AnyMachineSnapshot): Definition | undefined =>
  activeStates(before)
    .flatMap((node) => node.always ?? [])
    .find((definition) => definition.target?.some((target) => activeStates(next).includes(target)));

export interface TransitionCoverage {
  readonly all: readonly string[];
  readonly missed: readonly string[];
}

export const transitionCoverage = (
  machine: AnyStateMachine,
  steps: readonly { readonly state: AnyMachineSnapshot; readonly event: EventObject }[],
): TransitionCoverage => {
  const names = definitionsOf(machine);
  const missed = new Map(names);
  for (const { state, event } of steps) {
    for (const definition of machine.getTransitionData(state, event)) missed.delete(definition);
    const microsteps = getMicrosteps(machine, state, event).map(([snapshot]) => snapshot);
    for (const [i, snapshot] of microsteps.entries()) {
      const next = microsteps[i + 1];
      const taken = next && eventlessTaken(snapshot, next);
      if (taken !== undefined) missed.delete(taken);
    }
  }
  return { all: [...names.values()], missed: [...missed.values()] };
};
