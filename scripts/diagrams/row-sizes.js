/** How much room the text of a box or an arrow takes. */
import { widthOf } from './text-width.js';

/** @typedef {import('./chart-picture.js').Box} Box */
/** @typedef {import('./chart-picture.js').Row} Row */

/** Font size and distance of lines. */
export const NAME = { size: 13, step: 24 };
export const BOX_ROW = { size: 12, step: 17 };
const DENSE_STEP = 15;
export const ARROW_ROW = { size: 11, step: 14 };
/** Left and right of the text in a box, and below it. */
export const PADDING = 10;
/** Between an arrow and its text. */
export const LABEL_GAP = 7;

// The page sets the text of a transition in bold while it lights up.
const rowWidth = (/** @type {Row} */ { text }, /** @type {number} */ size) => widthOf(text, size, 'bold');

/** Between the lines in a box. @param {Box} box */
export const rowStep = ({ isDense }) => (isDense ? DENSE_STEP : BOX_ROW.step);

/** The size of a box without inner boxes; of others, of the part above those. @param {Box} box */
export const headerSize = (box) => {
  const { name, rows, folded } = box;
  const heading = folded === undefined ? name : `${name} ${folded}`;
  const widths = [widthOf(heading, NAME.size, 'bold'), ...rows.map((row) => rowWidth(row, BOX_ROW.size))];
  return {
    width: Math.max(...widths) + 2 * PADDING,
    height: NAME.step + rows.length * rowStep(box) + (rows.length > 0 ? PADDING : 0),
  };
};

/** @param {readonly Row[]} rows */
export const labelSize = (rows) => ({
  width: Math.max(0, ...rows.map((row) => rowWidth(row, ARROW_ROW.size))) + 2 * LABEL_GAP,
  height: rows.length * ARROW_ROW.step + LABEL_GAP,
});
