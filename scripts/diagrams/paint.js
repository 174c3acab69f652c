/**
 * Post-processes the SVG from Graphviz: gives each part a class, which sets its colour; tags each line of text with its
 * transition; and removes output that differs between Graphviz versions or served only the layout.
 */
import { rightOf, roomForLabels, widthOf } from './label-room.js';
import { STYLE } from './palette.js';

/** @typedef {import('./draw.js').Picture} Picture */
/** @typedef {import('./draw.js').Row} Row */

/** Class of invisible arrows that only affect the layout. */
export const SCAFFOLD = 'scaffold';

/** Moves labels off their arrow so that they are readable. There is room, because smcat pads each line with blanks. */
const LABEL_SHIFT = 8;

/** Radius of the corners of a box: its path begins this far from its left edge. */
const CORNER = 12;

const GROUP = /<g id="(\w+)" class="(node|edge|cluster) ([^"]*)">\n<title>(.*?)<\/title>\n([\s\S]*?)<\/g>\n/g;
const TEXT = /<text ([^>]*)>([^<]*)<\/text>/g;

/** @param {string} text */
const decode = (text) => text.replaceAll('&#45;', '-').replaceAll('&gt;', '>');

/**
 * Colours guards and actions.
 * @param {string} text
 */
const colourWords = (text) =>
  text
    .replace(/\[\w+\]/, (guard) => `<tspan class="guard">${guard}</tspan>`)
    .replace(/(^| )(\/ .*)$/, '$1<tspan class="action">$2</tspan>');

/** @param {Row | undefined} row undefined for the name of a box */
const classOf = (row) => {
  if (row === undefined) return 'name';
  return row.hook === undefined ? row.look : `${row.look} ${row.hook}`;
};

/**
 * @param {string} body
 * @param {readonly (Row | undefined)[]} rows one per text element, in order
 * @param {number} shift
 * @param {number} room the x that no text may pass
 */
const paintTexts = (body, rows, shift, room = Infinity) => {
  let next = 0;
  const widest = Math.max(
    ...[...body.matchAll(TEXT)].map(([, attributes = '', text = '']) => {
      const size = Number(/font-size="([^"]+)"/.exec(attributes)?.[1]);
      return widthOf(text.replaceAll('&#160;', ' ').trimEnd(), size);
    }),
  );
  return body.replaceAll(TEXT, (_all, /** @type {string} */ attributes, /** @type {string} */ text) => {
    const row = rows[next++];
    const [, x, y, size] = /x="([^"]+)" y="([^"]+)".*font-size="([^"]+)"/.exec(attributes) ?? [];
    const words = text.replaceAll('&#160;', ' ').trimEnd();
    if (words === '') return '';
    const at = `x="${Math.min(Number(x) + shift, room - widest).toFixed(2)}" y="${y}" font-size="${Number(size)}"`;
    return `<text class="${classOf(row)}" ${at}>${row?.look === 'reaction' ? colourWords(words) : words}</text>`;
  });
};

/**
 * @param {string} body
 * @param {string} shape class of the closed path around the box
 */
const paintBox = (body, shape) =>
  body
    .replace(/<polygon fill="#ffffff"[^>]*\/>\n/, '')
    .replaceAll(/<polygon fill="black" stroke="black"( [^>]*)\/>/g, '<polygon class="rule"$1/>')
    .replace(
      /(<(?:path|polygon)) fill="none" stroke="black" stroke-width="2"( [^>]*\/>)/,
      `$1 class="${shape}" stroke-width="1.5"$2`,
    );

/** @param {string} body */
const paintArrow = (body) =>
  body
    .replaceAll('<path fill="none" stroke="black"', '<path class="line" stroke-width="1.2"')
    .replaceAll('<polygon fill="black" stroke="black"', '<polygon class="head"');

/**
 * Moves a box's path before its texts. Graphviz emits it after them, where it would cover them.
 * @param {string} body
 */
const shapesFirst = (body) => {
  const lines = body.split('\n').filter((line) => line !== '');
  const isShape = (/** @type {string} */ line) => /class="(box|group)"/.test(line);
  return [...lines.filter(isShape), ...lines.filter((line) => !isShape(line))].join('\n');
};

/**
 * @param {string} svg
 * @param {Picture} picture
 */
export const paint = (svg, picture) => {
  const { title, boxes, arrows } = picture;
  /** @type {Map<string, readonly Row[]>} */
  const rowsByHook = new Map();
  const collect = (/** @type {Picture['boxes']} */ some) => {
    for (const { hook, rows, inside } of some) {
      rowsByHook.set(hook, rows);
      collect(inside);
    }
  };
  collect(boxes);
  for (const { hooks, rows } of arrows) rowsByHook.set(hooks.join(' '), rows);

  const roomFor = roomForLabels(svg, picture);
  const group = (/** @type {string[]} */ ...[, , kind = '', given = '', , body = '']) => {
    const classes = decode(given).replace(/^(state|transition) /, '');
    if (classes.includes(SCAFFOLD)) return '';
    const hook = classes.replace(/^regular /, '');
    const rows = rowsByHook.get(hook) ?? [];
    if (kind === 'edge') {
      return `<g class="edge ${hook}">\n${shapesFirst(paintArrow(paintTexts(body, rows, LABEL_SHIFT, roomFor(hook))))}\n</g>\n`;
    }
    const point = classes.startsWith('initial') ? 'dot' : classes.startsWith('junction') ? 'ring' : null;
    if (point !== null) {
      return body.replace(
        /fill="black" stroke="black" stroke-width="2"/,
        `class="${point}" stroke-width="1.5"`,
      );
    }
    const shape = kind === 'cluster' ? 'group' : 'box';
    const texts = paintTexts(paintBox(body, shape), [undefined, ...rows], 0);
    return `<g class="state ${hook}">\n${shapesFirst(texts)}\n</g>\n`;
  };

  const [, height = ''] = /viewBox="0.00 0.00 [\d.]+ ([\d.]+)"/.exec(svg) ?? [];
  const content = svg
    .slice(svg.indexOf('<g id="graph0"'))
    .replaceAll(/<!--[\s\S]*?-->\n/g, '')
    .replaceAll(GROUP, group)
    .replace(/<g id="graph0"[^>]*(transform="[^"]*")>\n<title>.*<\/title>\n<polygon[^>]*\/>/, '<g $1>');
  // Graphviz reserves room for labels to the right of the outermost box, which is now empty.
  const [, outer = ''] = /class="group"[^>]* d="([^"]*)"/.exec(content) ?? [];
  const [, left = ''] = /translate\(([\d.]+) /.exec(content) ?? [];
  const width = rightOf(outer) + 2 * Number(left) + Number(/M(-?[\d.]+)/.exec(outer)?.[1]) - CORNER;
  const size = `width="${width}" height="${Number(height)}" viewBox="0 0 ${width} ${Number(height)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" class="chart" ${size} role="img">
<title>${title}</title>
${STYLE}
<rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${Number(height) - 1}" rx="10"/>
${content}`;
};
