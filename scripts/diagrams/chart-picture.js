/** Converts a chart to a picture: decides which parts are drawn and with which text. */
import { wrap, wrapTransition } from './lines.js';
import { sentence, statesOf } from './read-chart.js';
import { writtenIn } from './written.js';

/** @typedef {import('./read-chart.js').State} State */
/** @typedef {import('./read-chart.js').Transition} Transition */
/** @typedef {(transition: Transition) => boolean} IsWritten */
/** @typedef {import('./draw.js').Row} Row */
/** @typedef {import('./draw.js').Box} Box */
/** @typedef {import('./draw.js').Arrow} Arrow */

const DESCRIPTION_WIDTH = 52;
const REACTION_WIDTH = 56;
const ARROW_WIDTH = 34;

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
 * @param {IsWritten} isWritten
 * @returns {Row[]}
 */
const rowsOf = (state, isWritten) => [
  ...wrap(state.description, DESCRIPTION_WIDTH).map(
    (text) => /** @type {Row} */ ({ text, look: 'description' }),
  ),
  ...state.activities.map((text) => /** @type {Row} */ ({ text, look: 'reaction' })),
  ...state.transitions
    .filter((transition) => isWritten(transition))
    .flatMap((transition) => transitionRows(transition, sentence(transition, true), REACTION_WIDTH)),
];

/**
 * @param {State} state
 * @param {IsWritten} isWritten
 * @returns {Box}
 */
const boxOf = (state, isWritten) => ({
  id: state.id,
  name: state.name,
  hook: `${state.hook}${state.isFinal ? ' end' : ''}`,
  rows: rowsOf(state, isWritten),
  initial: state.initial,
  inside: state.children.map((child) => boxOf(child, isWritten)),
});

/**
 * Transitions between the same two states share one arrow, to keep the picture readable.
 * @param {State} chart
 * @param {IsWritten} isWritten
 * @returns {Arrow[]}
 */
const arrowsOf = (chart, isWritten) => {
  const drawn = statesOf(chart).flatMap(({ transitions }) => transitions.filter((one) => !isWritten(one)));
  /** @type {Map<string, Arrow>} */
  const byEnds = new Map();
  for (const transition of drawn) {
    const { source, target, hook } = transition;
    const ends = `${source} ${target}`;
    const arrow = byEnds.get(ends) ?? { from: source, to: target ?? source, hooks: [], rows: [] };
    byEnds.set(ends, {
      ...arrow,
      hooks: [...arrow.hooks, hook],
      rows: [...arrow.rows, ...transitionRows(transition, sentence(transition, false), ARROW_WIDTH)],
    });
  }
  return [...byEnds.values()];
};

/**
 * Flat charts are laid out from left to right. Nested charts would become too wide, so they run from top to bottom.
 * @param {State} chart
 * @returns {import('./draw.js').Picture}
 */
export const chartPicture = (chart) => {
  const isWritten = writtenIn(statesOf(chart));
  return {
    title: `The ${chart.name} chart`,
    direction: chart.children.some(({ children }) => children.length > 0) ? 'top-down' : 'left-right',
    hasArrowheads: true,
    boxes: [boxOf(chart, isWritten)],
    arrows: arrowsOf(chart, isWritten),
  };
};
