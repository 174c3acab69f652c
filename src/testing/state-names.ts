/** By what names a driver's `states` know the states of a chart. */
import type { AnyStateMachine } from 'xstate';
import type { StateNode } from '../machines/active-states.ts';

/** A state's path and its id; nothing is ever in a history state. */
export const stateNames = ({ path, id }: StateNode): string[] => [path.join('.'), `#${id}`];

const nodesOf = (node: StateNode): StateNode[] => [
  ...(node.type === 'history' ? [] : [node]),
  ...Object.values(node.states).flatMap(nodesOf),
];

/**
 * A check under a name that no state has would never be called, and nobody would know.
 * @param names "open", "claimed.held", "#door.open"; `*` is for all others
 * @throws if the chart has no state of that name
 */
export const expectStates = ({ id, root }: AnyStateMachine, names: readonly string[]): void => {
  const nodes = nodesOf(root);
  const known = new Set(['*', ...nodes.flatMap(stateNames)]);
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  const paths = nodes.flatMap(({ path }) => (path.length === 0 ? [] : [path.join('.')]));
  throw new Error(`\`states\` names ${unknown.join('; ')}, but "${id}" has ${paths.join(', ')}`);
};
