/**
 * A chart for a screen that is too small for all of it: one of its states in full, with where it leads in words, and the others
 * around it as a map. Those are folded: the page unfolds one by showing the close-up of it instead.
 */

/** @typedef {import('./chart-picture.js').Box} Box */

/** @param {Box} box @returns {number} */
const statesIn = ({ inside }) =>
  inside.reduce((sum, each) => sum + (each.inside.length === 0 ? 1 : statesIn(each)), 0);

/** @param {Box} box of which there is a close-up, too @returns {Box} */
const folded = (box) => ({
  ...box,
  hook: `${box.hook} folded`,
  folded: box.inside.length > 0 ? `+ ${statesIn(box)} states` : '+',
  rows: [],
  initial: null,
  inside: [],
  arrows: [],
});

/**
 * Of which states there are close-ups. One that has several boxes with boxes in them is too much for a small screen; what leads
 * nowhere needs none.
 * @param {Box} chart
 */
export const closeUpsOf = ({ inside, arrows }) =>
  inside.filter((each) => each.inside.length > 0).length > 1
    ? inside.filter(({ id }) => arrows.some(({ from }) => from === id)).map(({ id }) => id)
    : [];

/** @param {Box} chart @param {string} id of one of its outermost states @returns {Box} */
export const closeUp = (chart, id) => {
  const others = closeUpsOf(chart).filter((each) => each !== id);
  return {
    ...chart,
    inside: chart.inside.map((each) => (others.includes(each.id) ? folded(each) : each)),
    arrows: chart.arrows.map((arrow) => (arrow.from === id ? arrow : { ...arrow, rows: [] })),
  };
};
