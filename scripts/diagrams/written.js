/**
 * Decides which transitions are written as text in the box of their source and not drawn as arrows: those whose arrow
 * would turn back on itself, cross half of the picture, or be one of many equal ones.
 */

/** @typedef {import('./read-chart.js').State} State */
/** @typedef {import('./read-chart.js').Transition} Transition */

/** From this many sources, arrows on one event to one final state clutter the picture. */
const MANY = 3;

/** @param {string} id */
const parentOf = (id) => id.slice(0, Math.max(0, id.lastIndexOf('.')));

/** @param {string} outer @param {string} inner */
const holds = (outer, inner) => inner === outer || inner.startsWith(`${outer}.`);

/**
 * @param {readonly State[]} states all of a chart
 * @returns {(transition: Transition) => boolean}
 */
export const writtenIn = (states) => {
  const byId = new Map(states.map((state) => [state.id, state]));
  const transitions = states.flatMap((state) => state.transitions);

  /** The target is inside a box that the source is outside of. @param {Transition} transition */
  const entersAnotherBox = ({ source, target }) => target !== null && !holds(parentOf(target), source);

  /** A compound state stands between the two, and the target has another arrow. @param {Transition} transition */
  const leaps = ({ source, target }) => {
    if (target === null) return false;
    const siblings = byId.get(parentOf(target))?.children ?? [];
    const from = siblings.findIndex(({ id }) => holds(id, source));
    const to = siblings.findIndex(({ id }) => id === target);
    const isOverBox = siblings.slice(from + 1, to).some(({ children }) => children.length > 0);
    return isOverBox && transitions.some((each) => each.target === target && each.source !== source);
  };

  /** @param {Transition} transition */
  const isOneOfMany = ({ event, target }) => {
    const alike = transitions.filter((each) => each.event === event && each.target === target);
    return (
      byId.get(target ?? '')?.isFinal === true && new Set(alike.map(({ source }) => source)).size >= MANY
    );
  };

  /** Without this arrow, the source would have none. @param {Transition} transition */
  const isOnlyWayOut = ({ source, target }) =>
    transitions.every(
      (each) =>
        each.source !== source ||
        each.target === null ||
        each.target === target ||
        holds(source, each.target),
    );

  return (transition) => {
    const { source, target } = transition;
    if (target === null || holds(source, target) || entersAnotherBox(transition)) return true;
    return !isOnlyWayOut(transition) && (leaps(transition) || isOneOfMany(transition));
  };
};
