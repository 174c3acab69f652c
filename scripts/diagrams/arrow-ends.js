/**
 * Decides which transitions are arrows, and between which boxes. An arrow joins two boxes that lie in the same box, so it
 * never crosses a border: a transition from or to a state within one of them is named on the arrow of the outer box.
 */

/** @typedef {import('./read-chart.js').State} State */
/** @typedef {{ readonly source: string, readonly target: string | null }} Transition */
/** @typedef {{ readonly from: string, readonly to: string, readonly inside: string }} Ends ids of the two boxes, and of the box around them */

/**
 * @param {Transition} transition
 * @returns {Ends | null} null if it does not leave the box of its source, or leads to a box that this is in
 */
const siblingEnds = ({ source, target }) => {
  if (target === null) return null;
  const from = source.split('.');
  const to = target.split('.');
  const shared = from.findIndex((key, n) => key !== to[n]);
  if (shared === -1 || shared === to.length) return null;
  const upTo = (/** @type {string[]} */ path) => path.slice(0, shared + 1).join('.');
  return { from: upTo(from), to: upTo(to), inside: from.slice(0, shared).join('.') };
};

/**
 * @param {readonly State[]} states all of a chart
 * @returns {(transition: Transition) => Ends | null} null for a transition that is written in the box of its source: one that
 *   does not leave it, or whose arrow would lead around a box with boxes in it, through which other arrows lead to the same target
 */
export const arrowEnds = (states) => {
  const byId = new Map(states.map((state) => [state.id, state]));
  const arrows = states
    .flatMap(({ transitions }) => transitions)
    .map((each) => siblingEnds(each))
    .filter((ends) => ends !== null);

  /**
   * @param {string} from
   * @param {string} to
   * @param {string} avoided
   * @param {ReadonlySet<string>} [been]
   * @returns {boolean}
   */
  const leads = (from, to, avoided, been = new Set([from, avoided])) =>
    from === to ||
    arrows.some(
      (each) =>
        each.from === from && !been.has(each.to) && leads(each.to, to, avoided, new Set([...been, each.to])),
    );

  /** @param {Ends} ends */
  const leadsAround = ({ from, to, inside }) =>
    (byId.get(inside)?.children ?? []).some(
      ({ id, children }) =>
        children.length > 0 && id !== from && id !== to && leads(from, id, to) && leads(id, to, from),
    );

  return (transition) => {
    const ends = siblingEnds(transition);
    return ends === null || leadsAround(ends) ? null : ends;
  };
};

/**
 * With fewer arrows, for a screen: a state that the box around it leads to in words, and that three or more boxes beside it lead to,
 * is reached from everywhere. All of that is in words then.
 * @param {readonly State[]} states all of a chart
 * @returns {ReturnType<typeof arrowEnds>}
 */
export const fewerArrowEnds = (states) => {
  const endsOf = arrowEnds(states);
  const transitions = states.flatMap((state) => state.transitions);
  const isEverywhere = (/** @type {string} */ id) =>
    transitions.some(({ source, target }) => target === id && id.startsWith(`${source}.`)) &&
    new Set(transitions.flatMap((each) => (each.target === id ? (endsOf(each)?.from ?? []) : []))).size >= 3;
  const everywhere = new Set(states.map(({ id }) => id).filter((id) => isEverywhere(id)));
  return (transition) => {
    const ends = endsOf(transition);
    return ends !== null && everywhere.has(ends.to) ? null : ends;
  };
};
