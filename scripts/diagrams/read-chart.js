/** Reads a machine into what its pictures show, in words: the states as a tree, the transitions as a list. */
import { edgeHook, stateHook } from './hooks.js';

/** @typedef {import('xstate').AnyStateMachine} Machine */
/** @typedef {import('xstate').AnyStateNode} Node */
/** @typedef {import('xstate').AnyTransitionDefinition} Definition */

/**
 * A transition. `target` is the id of a state, or null when it leaves its source as it is.
 * @typedef {{
 *   readonly hook: string, readonly source: string, readonly target: string | null,
 *   readonly trigger: string, readonly actions: string,
 * }} Transition
 */

/**
 * @typedef {{
 *   readonly hook: string, readonly id: string, readonly name: string, readonly description: string,
 *   readonly isFinal: boolean, readonly initial: string | null, readonly activities: readonly string[],
 *   readonly transitions: readonly Transition[], readonly children: readonly State[],
 * }} State
 */

/**
 * The name under which a chart uses a guard or an action. Names are required: test/machines/charts.test.ts.
 * @param {unknown} used
 */
const nameOf = (used) => {
  if (typeof used === 'string') return used;
  return typeof used === 'object' && used !== null && 'type' in used ? String(used.type) : 'unnamed';
};

/** @param {readonly unknown[]} actions */
const namesOf = (actions) => actions.map((action) => nameOf(action)).join(', ');

/**
 * @param {Node} node
 * @param {Definition} definition
 */
const eventWords = (node, definition) => {
  const timer = node.after.find(({ eventType }) => eventType === definition.eventType);
  return timer === undefined ? definition.eventType : `after ${String(timer.delay)}`;
};

/**
 * @param {Definition} definition
 * @param {number} n
 */
const guardWords = (definition, n) => {
  if (definition.guard !== undefined) return `[${nameOf(definition.guard)}]`;
  return n > 0 ? '[otherwise]' : '';
};

/**
 * @param {Node} node
 * @returns {Transition[]}
 */
const transitionsOf = (node) =>
  [...node.transitions.values(), node.always ?? []].flatMap((candidates) =>
    candidates.map((definition, n) => ({
      hook: edgeHook(node.id, definition.eventType, n),
      source: node.id,
      target: definition.target?.[0]?.id ?? null,
      trigger: [eventWords(node, definition), guardWords(definition, n)]
        .filter((words) => words !== '')
        .join(' '),
      actions: namesOf(definition.actions),
    })),
  );

/**
 * What a state does as long as, or whenever, it is entered or left.
 * @param {Node} node
 */
const activitiesOf = ({ config, invoke }) => {
  // As written: XState adds the arming and the calling off of timers to what the node itself has.
  const [entry, exit] = [[config.entry ?? []].flat(), [config.exit ?? []].flat()];
  return [
    ...invoke.map(({ id }) => `invokes ${id}`),
    ...(entry.length > 0 ? [`entry / ${namesOf(entry)}`] : []),
    ...(exit.length > 0 ? [`exit / ${namesOf(exit)}`] : []),
  ];
};

/**
 * @param {Node} node
 * @returns {State}
 */
const readState = (node) => ({
  hook: stateHook(node.id),
  id: node.id,
  name: node.key,
  description: node.description ?? '',
  isFinal: node.type === 'final',
  initial: node.type === 'compound' ? (node.initial.target[0]?.id ?? null) : null,
  activities: activitiesOf(node),
  transitions: transitionsOf(node),
  children: Object.values(node.states).map((child) => readState(child)),
});

/** @param {Machine} machine */
export const readChart = (machine) => readState(machine.root);

/**
 * A state and all within it, outer ones first.
 * @param {State} state
 * @returns {State[]}
 */
export const statesOf = (state) => [state, ...state.children.flatMap((child) => statesOf(child))];

/**
 * Whether it is written in the box of its source rather than drawn: it has no target, or it leads from a box to a state
 * within that same box, for which an arrow would have to turn on itself.
 * @param {Transition} transition
 */
export const isWritten = ({ source, target }) => target === null || target.startsWith(`${source}.`);

/** @param {Transition} transition */
export const sentence = ({ source, trigger, actions, target }) => {
  const goal = target?.startsWith(`${source}.`) === true ? ` → ${target.slice(source.length + 1)}` : '';
  return `${trigger}${goal}${actions === '' ? '' : ` / ${actions}`}`;
};
