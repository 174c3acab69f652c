/**
 * Lists all transitions of a chart, and those that a set of steps takes. Our list of events replaces the graph library's
 * own, and a forgotten event would drop its part of the chart silently: this comparison finds it.
 */
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate';
import { takenTransitions } from '../inspect/taken-transitions.ts';
import { chartParts, transitionKey } from './chart-parts.ts';
import { stepPurely } from './pure-logic.ts';

export interface TransitionCoverage {
  readonly all: readonly string[];
  readonly missed: readonly string[];
}

export const transitionCoverage = (
  machine: AnyStateMachine,
  steps: readonly { readonly state: AnyMachineSnapshot; readonly trigger: EventObject }[],
): TransitionCoverage => {
  const parts = chartParts(machine).transitions;
  const missed = new Map(
    parts.map(({ source, event, index, name }) => [transitionKey(source, event, index), name]),
  );
  for (const { state, trigger } of steps) {
    for (const taken of stepPurely(machine, state, trigger).microsteps.flatMap(takenTransitions)) {
      missed.delete(transitionKey(taken.source, taken.event, taken.index));
    }
  }
  return { all: parts.map(({ name }) => name), missed: [...missed.values()] };
};
