/**
 * The class names by which a page finds a state or a transition in a drawn chart and lights it:
 *
 * - a state: `state-<id of the state node>`, dots as `__`: `state-server__claimed__held__live`
 * - a transition: `edge-<id of its source>--<event type>--<n>`, dots as `__`, where n counts the transitions of that
 *   source on that event from 0: `edge-server__claimed__held__probing--binary__left--2`. The event type is XState's own,
 *   so a timer reads `xstate__after__gracePeriod__server__claimed__grace`, and an eventless transition `always`.
 *
 * A state's class is on the `<g>` of its box. A transition's class is on its own `<text>`s: in the box of its source when
 * it has no target, or one within that box; otherwise at its arrow, whose `<g>` has the class too, with those of all
 * transitions that share the arrow.
 */

/** @param {string} dotted */
const slug = (dotted) => dotted.replaceAll(/[^A-Za-z0-9.-]/g, '_').replaceAll('.', '__');

/** @param {string} stateId */
export const stateHook = (stateId) => `state-${slug(stateId)}`;

/**
 * @param {string} sourceId
 * @param {string} eventType as XState has it: empty for an eventless transition
 * @param {number} n
 */
export const edgeHook = (sourceId, eventType, n) =>
  `edge-${slug(sourceId)}--${slug(eventType === '' ? 'always' : eventType)}--${n}`;
