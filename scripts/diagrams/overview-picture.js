/** The overview (which part creates and notifies which) as a picture: the actors in one box, other parts around it. */
import { wrap } from './lines.js';
import { PARTS, RELATIONS, relationWords } from './relations.js';

/** @typedef {import('./draw.js').Box} Box */
/** @typedef {import('./draw.js').Row} Row */
/** @typedef {import('./draw.js').Arrow} Arrow */
/** @typedef {import('./relations.js').Part} Part */

const DESCRIPTION_WIDTH = 30;
const ARROW_WIDTH = 36;

/** @param {string} text @returns {Row} */
const description = (text) => ({ text, look: 'description' });

/** @param {Part} part @returns {Box} */
const boxOf = ({ id, description: words, isActor }) => ({
  id,
  name: id,
  hook: `part-${id} ${isActor ? 'actor' : 'end'}`,
  rows: wrap(words, DESCRIPTION_WIDTH).map((text) => description(text)),
  initial: null,
  inside: [],
});

/** @param {import('./relations.js').Party} party */
const place = (party) => PARTS.findIndex(({ id }) => id === party);

/**
 * One line per pair of parts, drawn downwards; its text gives the direction of each message. Two arrows per pair would
 * overlap.
 * @returns {Arrow[]}
 */
const arrowsOf = () => {
  /** @type {Map<string, Arrow>} */
  const byPair = new Map();
  for (const relation of RELATIONS) {
    const isDown = place(relation.from) < place(relation.to);
    const [from, to] = isDown ? [relation.from, relation.to] : [relation.to, relation.from];
    const hook = `relation-${from}--${to}`;
    const rows = wrap(`${isDown ? '↓' : '↑'} ${relationWords(relation)}`, ARROW_WIDTH).map(
      (text) => /** @type {Row} */ ({ text, look: isDown ? 'reaction' : 'action' }),
    );
    const arrow = byPair.get(hook) ?? { from, to, hooks: [hook], rows: [] };
    byPair.set(hook, { ...arrow, rows: [...arrow.rows, ...rows] });
  }
  return [...byPair.values()];
};

/** @type {import('./draw.js').Picture} */
export const overviewPicture = {
  title: 'Who creates and tells whom',
  direction: 'top-down',
  hasArrowheads: false,
  boxes: PARTS.map((part) => boxOf(part)),
  arrows: arrowsOf(),
};
