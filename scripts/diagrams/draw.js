/** Draws a chart's picture as SVG. The output is deterministic. */
import { layOut } from './layout.js';
import { STYLE } from './palette.js';
import { ARROW_ROW, BOX_ROW, LABEL_GAP, NAME, PADDING, rowStep } from './row-sizes.js';
import { trimEnd } from './trim-curve.js';

/** @typedef {import('./chart-picture.js').Box} Box */
/** @typedef {import('./chart-picture.js').Row} Row */
/** @typedef {import('./layout.js').Placed} Placed */
/** @typedef {import('./layout.js').Line} Line */
/** @typedef {import('./trim-curve.js').Point} Point */

/** Around the outermost box. */
const FRAME = 16;
const HEAD = { length: 9, width: 7 };

/** @param {number} length */
const round = (length) => Number(length.toFixed(1));

/** @param {Point} point @param {Point} by @returns {Point} */
const moved = ([x, y], [byX, byY]) => [x + byX, y + byY];

/** @param {string} text */
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Colours places, guards and actions. @param {string} text */
const colourWords = (text) =>
  escaped(text)
    .replace(/^[\w.]+: /, (place) => `<tspan class="description">${place}</tspan>`)
    .replace(/\[\w+\]/, (guard) => `<tspan class="guard">${guard}</tspan>`)
    .replace(/(^| )(\/ .*)$/, '$1<tspan class="action">$2</tspan>');

/** @param {Row} row @param {number} size @param {Point} at */
const rowAt = ({ text, look, hook }, size, [x, y]) => {
  const classes = hook === undefined ? look : `${look} ${hook}`;
  const words = look === 'reaction' ? colourWords(text) : escaped(text);
  return `<text class="${classes}" x="${round(x)}" y="${round(y)}" font-size="${size}">${words}</text>`;
};

/** @param {Box} box */
const foldedWords = ({ folded }) =>
  folded === undefined ? '' : ` <tspan class="description" font-size="${BOX_ROW.size}">${folded}</tspan>`;

/** @param {Placed} placed @param {Point} at of its left upper corner */
const boxAt = ({ box, width, height }, [x, y]) => {
  const shape = box.inside.length > 0 ? 'group' : 'box';
  const rule =
    box.rows.length === 0
      ? []
      : [`<path class="rule" d="M${round(x)} ${round(y + NAME.step)}h${round(width)}"/>`];
  const name = `<text class="name" x="${round(x + width / 2)}" y="${round(y + NAME.step - 7)}" font-size="${NAME.size}" text-anchor="middle">${escaped(box.name)}${foldedWords(box)}</text>`;
  return [
    `<g class="state ${box.hook}">`,
    `<rect class="${shape}" stroke-width="1.5" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="10"/>`,
    ...rule,
    name,
    ...box.rows.map((row, n) =>
      rowAt(row, BOX_ROW.size, [x + PADDING, y + NAME.step + (n + 1) * rowStep(box) - 1]),
    ),
    '</g>',
  ];
};

/** A triangle from where the line ends to the tip. @param {Point} end @param {Point} tip */
const headAt = ([endX, endY], [tipX, tipY]) => {
  const length = Math.hypot(tipX - endX, tipY - endY) || 1;
  const [sideX, sideY] = [endY - tipY, tipX - endX].map((side) => ((side / length) * HEAD.width) / 2);
  const corners = [
    [endX + (sideX ?? 0), endY + (sideY ?? 0)],
    [tipX, tipY],
    [endX - (sideX ?? 0), endY - (sideY ?? 0)],
  ];
  return `<polygon class="head" points="${corners.map((corner) => corner.map(round).join(',')).join(' ')}"/>`;
};

/** @param {Line} line @param {Point} by */
const lineAt = ({ arrow, points, label }, by) => {
  const all = points.map((point) => moved(point, by));
  const tip = all.at(-1) ?? by;
  const shaft = trimEnd(all, HEAD.length);
  const [first = '', ...rest] = shaft.map((point) => point.map(round).join(','));
  const { from, to, hooks, rows } = arrow;
  const ends = `${from === null ? '' : ` data-from="${from}"`} data-to="${to}"`;
  const corner = moved(label, by);
  return [
    `<g class="edge ${hooks.join(' ')}"${ends}>`,
    `<path class="line" stroke-width="1.2" d="M${first}C${rest.join(' ')}"/>`,
    headAt(shaft.at(-1) ?? tip, tip),
    ...rows.map((row, n) =>
      rowAt(row, ARROW_ROW.size, moved(corner, [LABEL_GAP, LABEL_GAP / 2 + (n + 1) * ARROW_ROW.step - 3])),
    ),
    '</g>',
  ];
};

/** @param {Placed} placed @param {Point} at @returns {string[]} */
const partsAt = (placed, at) => [
  ...boxAt(placed, at),
  ...(placed.dot === null
    ? []
    : [
        `<circle class="dot" cx="${round(at[0] + placed.dot[0])}" cy="${round(at[1] + placed.dot[1])}" r="5.5"/>`,
      ]),
  ...placed.inside.flatMap((each) => partsAt(each, moved(each.at, at))),
  ...placed.lines.flatMap((line) => lineAt(line, at)),
];

/**
 * @param {Box} box the whole chart
 * @param {import('./layout.js').Room} [room] what it should fit
 */
export const draw = (box, room) => {
  const placed = layOut(box, room);
  const [width, height] = [round(placed.width + 2 * FRAME), round(placed.height + 2 * FRAME)];
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>The ${box.name} chart</title>`,
    STYLE,
    `<rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10"/>`,
    '<g transform="translate(0 0)">',
    ...partsAt(placed, [FRAME, FRAME]),
    '</g>',
    '</svg>',
  ].join('\n')}\n`;
};
