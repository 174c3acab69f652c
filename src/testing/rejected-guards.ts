/** Which guards were asked and did not hold. XState reports only the transitions that it takes, so this follows its order. */
import type { AnyMachineSnapshot } from 'xstate';
import { activeStates, type StateNode } from '../machines/active-states.ts';
import { transitionKey } from './chart-parts.ts';

/** A transition that was taken. */
interface Taken {
  readonly source: string;
  readonly event: string;
  readonly index: number;
}

const isWithin = (id: string, ancestor: string): boolean => id.startsWith(`${ancestor}.`);

const candidatesOf = (node: StateNode, event: string): StateNode['always'] =>
  event === '' ? node.always : node.transitions.get(event);

/**
 * XState asks from the innermost state outwards, in each state from the first transition on the event to the last, and stops
 * at the first that may be taken. A transition on a wildcard is not followed.
 * @param event empty for eventless transitions
 * @returns their keys
 */
export const rejectedGuards = (
  snapshot: AnyMachineSnapshot,
  event: string,
  taken: readonly Taken[],
): string[] => {
  const rejected = new Set<string>();
  const leaves = activeStates(snapshot).filter(({ type }) => type === 'atomic' || type === 'final');
  for (const leaf of leaves) {
    for (let node: StateNode | undefined = leaf; node !== undefined; node = node.parent) {
      const { id } = node;
      // Another region took one within: what is around both is not asked.
      if (taken.some(({ source }) => isWithin(source, id))) break;
      const here = taken.find((each) => each.source === id && each.event === event);
      for (const [index, { guard }] of (candidatesOf(node, event) ?? []).entries()) {
        if (here !== undefined && index >= here.index) break;
        if (guard !== undefined) rejected.add(transitionKey(id, event, index));
      }
      if (here !== undefined) break;
    }
  }
  return [...rejected];
};
