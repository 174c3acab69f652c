/** Limits how far to the right a label may go: Graphviz keeps arrows inside their box, but not their labels. */

/** @typedef {import('./draw.js').Picture} Picture */
/** @typedef {import('./draw.js').Box} Box */

/** Mean width of a character in units of the font size. Words in Arial have 0.44 to 0.47. */
const CHARACTER = 0.47;
const MARGIN = 4;

const CLUSTER = /<g id="\w+" class="cluster ([^"]*)">[\s\S]*?<path fill="none"[^>]* d="([^"]*)"/g;

/** @param {string} text @param {number} size of its font */
export const widthOf = (text, size) => text.length * size * CHARACTER;

/** @param {Box} box @param {string} id @returns {boolean} */
const has = (box, id) => box.id === id || box.inside.some((each) => has(each, id));

/** @param {string} path SVG path data */
export const rightOf = (path) =>
  Math.max(...[...path.matchAll(/(-?[\d.]+),-?[\d.]+/g)].map(([, x]) => Number(x)));

/**
 * @param {string} svg as Graphviz drew it
 * @param {Picture} picture
 * @returns {(hooks: string) => number} the x that a label must not exceed, by the classes of its arrow
 */
export const roomForLabels = (svg, { boxes, arrows }) => {
  const rights = new Map(
    [...svg.matchAll(CLUSTER)].map(([, classes = '', path = '']) => [
      classes.replaceAll('&#45;', '-').split(' ').at(-1),
      rightOf(path),
    ]),
  );
  /** @param {readonly Box[]} inside @param {string} from @param {string} to @returns {Box | undefined} the innermost with both */
  const around = (inside, from, to) => {
    const outer = inside.find(
      (box) => box.inside.some((each) => has(each, from)) && box.inside.some((each) => has(each, to)),
    );
    return outer && (around(outer.inside, from, to) ?? outer);
  };
  const rooms = new Map(
    arrows.map(({ hooks, from, to }) => {
      const right = rights.get(around(boxes, from, to)?.hook.split(' ')[0]);
      return [hooks.join(' '), right === undefined ? Infinity : right - MARGIN];
    }),
  );
  return (hooks) => rooms.get(hooks) ?? Infinity;
};
