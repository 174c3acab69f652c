/** The active states of a chart, from the public `value` and `machine` of its snapshot. */
import type { AnyMachineSnapshot, AnyStateMachine, StateValue } from 'xstate';

export type StateNode = AnyStateMachine['root'];

const append = (node: StateNode, value: StateValue, active: StateNode[]): void => {
  active.push(node);
  const children: readonly (readonly [string, StateValue])[] =
    typeof value === 'string' ? [[value, {}]] : Object.entries(value).map(([key, of]) => [key, of ?? {}]);
  for (const [key, of] of children) {
    const child: StateNode | undefined = node.states[key];
    if (child === undefined) throw new TypeError(`state ${node.id} has no child ${key}`);
    append(child, of, active);
  }
};

/**
 * The root first; each state before its children.
 * @throws TypeError if `value` names a state that the machine does not have
 */
export const activeStates = ({ machine, value }: AnyMachineSnapshot): readonly StateNode[] => {
  const active: StateNode[] = [];
  append(machine.root, value, active);
  return active;
};
