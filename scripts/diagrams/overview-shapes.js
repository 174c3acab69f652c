/** The shapes of the overview, as SVG. */

/** Between lines of text. */
export const ROW = 15;
export const NAME_SIZE = 13;
export const STEP_RADIUS = 7.5;
const WORD_SIZE = 12;
/** Mean width of a character of `WORD_SIZE`. */
export const CHARACTER = 6;
const HEAD = { length: 10, width: 8 };

/** @param {number} x @param {number} y @param {string} look @param {string} words @param {number} [size] */
export const text = (x, y, look, words, size = WORD_SIZE) =>
  `<text class="${look}" x="${x}" y="${y}" font-size="${size}">${words}</text>`;

/** @param {string} words */
export const quiet = (words) => `<tspan class="description">${words}</tspan>`;

/** @param {import('./overview-layout.js').Place} place @param {string} shape @param {number} [radius] of its corners */
export const rectangle = ({ x, y, width, height }, shape, radius = 10) =>
  `<rect class="${shape}" stroke-width="1.5" x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>`;

/** The number of a step in a disc. @param {number} x of its left edge @param {number} y of the text's line @param {string} number */
export const step = (x, y, number) => [
  `<circle class="step" cx="${x + STEP_RADIUS}" cy="${y - 4}" r="${STEP_RADIUS}"/>`,
  `<text class="number" x="${x + STEP_RADIUS}" y="${y - 0.5}" font-size="10" text-anchor="middle">${number}</text>`,
];

/** Where a path leads to and whether its last part is horizontal. @param {string} path of absolute M, L, H and V */
const endOf = (path) => {
  let [x, y, dx, dy] = [0, 0, 0, 0];
  for (const [, command = '', numbers = ''] of path.matchAll(/([MLHV])([\d. ]+)/g)) {
    const [first = 0, second = 0] = numbers.trim().split(' ').map(Number);
    const [nextX, nextY] = command === 'H' ? [first, y] : command === 'V' ? [x, first] : [first, second];
    [dx, dy] = [Math.sign(nextX - x), Math.sign(nextY - y)];
    [x, y] = [nextX, nextY];
  }
  return { x, y, dx, dy };
};

/**
 * A line with a head that is drawn and not a marker: some viewers, and a page with two such pictures, lose markers.
 * @param {string} path whose last part is horizontal or vertical
 * @param {boolean} isDashed
 */
export const arrow = (path, isDashed) => {
  const { x, y, dx, dy } = endOf(path);
  const [backX, backY] = [x - dx * HEAD.length, y - dy * HEAD.length];
  const [sideX, sideY] = [(dy * HEAD.width) / 2, (dx * HEAD.width) / 2];
  const corners = [
    [backX + sideX, backY + sideY],
    [x, y],
    [backX - sideX, backY - sideY],
  ];
  return [
    `<path class="line" stroke-width="1.4"${isDashed ? ' stroke-dasharray="6 4"' : ''} d="${path}"/>`,
    `<polygon class="head" points="${corners.map((corner) => corner.join(',')).join(' ')}"/>`,
  ];
};
