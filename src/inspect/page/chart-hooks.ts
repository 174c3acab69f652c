/** Class names of states and transitions in the pictures. They must match what scripts/diagrams/hooks.js writes. */
import type { TakenTransition } from '../updates.ts';

const slug = (dotted: string): string => dotted.replaceAll(/[^A-Za-z0-9.-]/g, '_').replaceAll('.', '__');

export const stateHook = (stateId: string): string => `state-${slug(stateId)}`;

export const edgeHook = ({ source, event, index }: TakenTransition): string =>
  `edge-${slug(source)}--${slug(event === '' ? 'always' : event)}--${index}`;

/** The hooks of the transitions that an element of a picture stands for: of one if it is a label, of several if an arrow. */
export const edgeHooksOf = (part: { readonly classList: Iterable<string> }): readonly string[] =>
  [...part.classList].filter((name) => name.startsWith('edge-'));

/** Whether the source of a transition is this state, or lies in it. */
export const isEdgeOf = (edge: string, state: string): boolean => {
  const source = edge.slice('edge-'.length);
  const id = state.slice('state-'.length);
  return source.startsWith(`${id}__`) || source.startsWith(`${id}--`);
};
