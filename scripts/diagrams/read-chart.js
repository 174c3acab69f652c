/** Converts a machine to the text that its pictures show: a tree of states, each with its list of transitions. */
import { edgeHook, stateHook } from './hooks.js';

/** @typedef {import('xstate').AnyStateMachine} Machine */
/** @typedef {import('xstate').AnyStateNode} Node */
/** @typedef {import('xstate').AnyTransitionDefinition} Definition */

/**
 * A transition. `target` is the id of a state, or null if the state does not change.
 * @typedef {{
 *   readonly hook: string, readonly source: string, readonly event: string, readonly target: string | null,
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
 * The name of a guard or an action. test/machines/charts.test.ts requires every one to be named.
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
      event: definition.eventType,
      target: definition.target?.[0]?.id ?? null,
      trigger: [eventWords(node, definition), guardWords(definition, n)]
        .filter((words) => words !== '')
        .join(' '),
      actions: namesOf(definition.actions),
    })),
  );

/**
 * What a state does on entry, on exit, and while it is active.
 * @param {Node} node
 */
const activitiesOf = ({ config, invoke }) => {
  // Read `config`: XState adds actions that start and cancel timers to the node's own entry and exit.
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
 * A state and its descendants, parents first.
 * @param {State} state
 * @returns {State[]}
 */
export const statesOf = (state) => [state, ...state.children.flatMap((child) => statesOf(child))];

/** The name of a state relative to another one: without their common ancestors. @param {string} id @param {string} from */
const nameFrom = (id, from) => {
  const path = id.split('.');
  const fromPath = from.split('.');
  const shared = path.findIndex((key, n) => key !== fromPath[n]);
  return path.slice(shared).join('.');
};

/** The transition in words. Names its target only if no arrow shows it: if `isWritten`. @param {Transition} transition @param {boolean} isWritten */
export const sentence = ({ source, trigger, actions, target }, isWritten) => {
  const goal = isWritten && target !== null ? ` → ${nameFrom(target, source)}` : '';
  return `${trigger}${goal}${actions === '' ? '' : ` / ${actions}`}`;
};
