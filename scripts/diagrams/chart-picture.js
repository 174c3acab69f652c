/** Converts a chart to a picture: decides which parts are drawn and with which text. */
import { arrowEnds } from './arrow-ends.js';
import { wrap, wrapTransition } from './lines.js';
import { arrowWords, boxWords, statesOf } from './read-chart.js';

/** @typedef {import('./read-chart.js').State} State */
/** @typedef {import('./read-chart.js').Transition} Transition */
/** @typedef {ReturnType<typeof arrowEnds>} EndsOf */
/** Which transitions are arrows, and whether the text of those is at the arrow or in the box of their source. @typedef {{ readonly chooseArrows: typeof arrowEnds, readonly isTextInBoxes: boolean }} Manner */

/**
 * One line of text in a box or on an arrow. `look` selects its style; `hook` is a class for its text element.
 * @typedef {{ readonly text: string, readonly look: 'description' | 'reaction' | 'action', readonly hook?: string }} Row
 */
/** `from` is null for the arrow from the dot. @typedef {{ readonly from: string | null, readonly to: string, readonly hooks: readonly string[], readonly rows: readonly Row[] }} Arrow */
/**
 * `arrows` are those between the boxes `inside`.
 * `folded` says what is not drawn of it, if it is folded.
 * @typedef {{
 *   readonly id: string, readonly name: string, readonly hook: string, readonly rows: readonly Row[], readonly isDense: boolean, readonly folded?: string,
 *   readonly initial: string | null, readonly inside: readonly Box[], readonly arrows: readonly Arrow[],
 * }} Box
 */

const DESCRIPTION_WIDTH = 46;
const REACTION_WIDTH = 56;
const ARROW_WIDTH = 40;

/**
 * @param {Transition} transition
 * @param {string} words
 * @param {number} width
 * @returns {Row[]}
 */
const transitionRows = ({ hook }, words, width) =>
  wrapTransition(words, width).map((text, n) => ({ text, look: n === 0 ? 'reaction' : 'action', hook }));

/**
 * @param {State} state
 * @param {(transition: Transition) => boolean} isInBox whether its text is in the box
 * @returns {Row[]}
 */
const rowsOf = (state, isInBox) => [
  ...(state.description === '' ? [] : wrap(state.description, DESCRIPTION_WIDTH)).map(
    (text) => /** @type {Row} */ ({ text, look: 'description' }),
  ),
  ...state.activities.map((text) => /** @type {Row} */ ({ text, look: 'reaction' })),
  ...state.transitions
    .filter((transition) => isInBox(transition))
    .flatMap((transition) => transitionRows(transition, boxWords(transition), REACTION_WIDTH)),
];

/**
 * Transitions between the same two boxes share one arrow, to keep the picture readable.
 * @param {string} id of the box around them
 * @param {readonly Transition[]} transitions of the chart
 * @param {EndsOf} endsOf
 * @param {boolean} isTextInBoxes
 * @returns {Arrow[]}
 */
const arrowsIn = (id, transitions, endsOf, isTextInBoxes) => {
  /** @type {Map<string, Arrow>} */
  const byEnds = new Map();
  for (const transition of transitions) {
    const ends = endsOf(transition);
    if (ends === null || ends.inside !== id) continue;
    const { from, to } = ends;
    const key = `${from} ${to}`;
    const arrow = byEnds.get(key) ?? { from, to, hooks: [], rows: [] };
    byEnds.set(key, {
      ...arrow,
      hooks: [...arrow.hooks, transition.hook],
      rows: isTextInBoxes
        ? []
        : [...arrow.rows, ...transitionRows(transition, arrowWords(transition, ends), ARROW_WIDTH)],
    });
  }
  return [...byEnds.values()];
};

/** @type {Manner} */
const IN_FULL = { chooseArrows: arrowEnds, isTextInBoxes: false };

/**
 * @param {State} chart
 * @param {Manner} [manner]
 * @returns {Box}
 */
export const chartPicture = (chart, { chooseArrows, isTextInBoxes } = IN_FULL) => {
  const states = statesOf(chart);
  const endsOf = chooseArrows(states);
  const transitions = states.flatMap((state) => state.transitions);
  /** @param {State} state @returns {Box} */
  const boxOf = (state) => ({
    id: state.id,
    name: state.name,
    hook: `${state.hook}${state.isFinal ? ' end' : ''}`,
    rows: rowsOf(state, (transition) => isTextInBoxes || endsOf(transition) === null),
    // Many lines below each other, for a narrow screen.
    isDense: isTextInBoxes,
    initial: state.initial,
    inside: state.children.map((child) => boxOf(child)),
    arrows: arrowsIn(state.id, transitions, endsOf, isTextInBoxes),
  });
  return boxOf(chart);
};
