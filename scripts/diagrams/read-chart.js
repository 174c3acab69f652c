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

/** A property of an object, or undefined. @param {unknown} from @param {string} key @returns {unknown} */
const valueOf = (from, key) =>
  typeof from === 'object' && from !== null ? Reflect.get(from, key) : undefined;

/** The name of an action and, if it has a constant parameter with a reason, that. @param {unknown} action */
const namedWithReason = (action) => {
  const reason = valueOf(valueOf(valueOf(action, 'params'), 'close'), 'reason');
  return typeof reason === 'string' && reason !== '' ? `${nameOf(action)}(${reason})` : nameOf(action);
};

/**
 * Adds reasons only where two rules for one event would otherwise seem to do the same.
 * @param {Definition} definition
 * @param {readonly Definition[]} candidates
 */
const actionWords = (definition, candidates) => {
  const names = namesOf(definition.actions);
  const isAmbiguous = candidates.some(
    (each) =>
      each !== definition && each.target?.[0] === definition.target?.[0] && namesOf(each.actions) === names,
  );
  return isAmbiguous ? definition.actions.map((action) => namedWithReason(action)).join(', ') : names;
};

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
      trigger:
        [eventWords(node, definition), guardWords(definition, n)].filter((each) => each !== '').join(' ') ||
        'always',
      actions: actionWords(definition, candidates),
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

/** @param {Transition} transition @param {string} place @param {string} goal */
const words = ({ trigger, actions }, place, goal) =>
  `${place === '' ? '' : `${place}: `}${trigger}${goal === '' ? '' : ` → ${goal}`}${actions === '' ? '' : ` / ${actions}`}`;

/** The transition in words, for the box of its source. @param {Transition} transition */
export const boxWords = (transition) =>
  words(transition, '', transition.target === null ? '' : nameFrom(transition.target, transition.source));

/**
 * The transition in words, for an arrow. Names a state within `from` that it starts from, and one within `to` that it leads to.
 * @param {Transition} transition
 * @param {{ readonly from: string, readonly to: string }} ends
 */
export const arrowWords = (transition, { from, to }) =>
  words(transition, transition.source.slice(from.length + 1), (transition.target ?? to).slice(to.length + 1));
