/**
 * Class names of states and transitions in the SVGs, which the live page uses to highlight them:
 *
 * - a state: `state-<id of the state node>`, with dots as `__`: `state-server__claimed__held__live`
 * - a transition: `edge-<id of its source>--<event type>--<n>`, with dots as `__`. n numbers the source's transitions on
 *   that event from 0: `edge-server__claimed__held__probing--binary__left--2`. The event type is XState's own: a timer is
 *   `xstate__after__gracePeriod__server__claimed__grace`, and an eventless transition is `always`.
 *
 * A state's class is on the `<g>` of its box. A transition's class is on its `<text>` elements. They are in the box of its
 * source if it has no target or a target within that box, and otherwise at its arrow. The `<g>` of an arrow has the classes
 * of all transitions that share it.
 */

/** @param {string} dotted */
const slug = (dotted) => dotted.replaceAll(/[^A-Za-z0-9.-]/g, '_').replaceAll('.', '__');

/** @param {string} stateId */
export const stateHook = (stateId) => `state-${slug(stateId)}`;

/**
 * @param {string} sourceId
 * @param {string} eventType XState's event type; empty for an eventless transition
 * @param {number} n
 */
export const edgeHook = (sourceId, eventType, n) =>
  `edge-${slug(sourceId)}--${slug(eventType === '' ? 'always' : eventType)}--${n}`;
