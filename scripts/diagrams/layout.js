/** Places the boxes and arrows of a picture. Each box is laid out by itself, so no arrow crosses a border. */
import { Graphviz } from '@hpcc-js/wasm-graphviz';
import { headerSize, labelSize } from './row-sizes.js';

/** @typedef {import('./chart-picture.js').Box} Box */
/** @typedef {import('./chart-picture.js').Arrow} Arrow */
/** @typedef {import('./trim-curve.js').Point} Point */
/** @typedef {{ readonly width: number, readonly height: number }} Size */

/**
 * An arrow from border to border. `points` are those of joined cubic Béziers, `label` the left upper corner of its text.
 * @typedef {{ readonly arrow: Arrow, readonly points: readonly Point[], readonly label: Point }} Line
 */
/**
 * A box and what is in it, relative to its left upper corner.
 * @typedef {Size & {
 *   readonly box: Box, readonly inside: readonly (Placed & { readonly at: Point })[], readonly lines: readonly Line[],
 *   readonly dot: Point | null,
 * }} Placed
 */

/**
 * Direction of arrows. `beside`: down, but boxes with boxes in them stand side by side. `columns`: each of those has a column of its own,
 * from left to right, in which the plain boxes stand that lead to it first, or that only it and others before it lead to.
 * `stack`: each box below the one before it.
 * @typedef {'down' | 'right' | 'beside' | 'columns' | 'stack'} Direction
 */
/**
 * What a picture should fit, and the room between boxes: as far as Graphviz needs it, less, or, for a narrow screen, as little as
 * can be. On a narrow one, boxes may be stacked, too.
 * @typedef {Size & { readonly gaps?: keyof typeof GAPS }} Room
 */

/** Points of Graphviz in one of its inches. A point is a pixel here. */
const INCH = 72;
const DOT = 11;
/** Between boxes beside each other, and between ranks of them, in inches; and between the border of a box and what is in it. */
const GAPS = {
  wide: { between: 'nodesep=0.4 ranksep=0.35', margin: 18 },
  tight: { between: 'nodesep=0.15 ranksep=0.22', margin: 18 },
  narrow: { between: 'nodesep=0.08 ranksep=0.14', margin: 10 },
};
/** The room on a page of the docs. @type {Room} */
const ROOM = { width: 1200, height: 1050 };

const graphviz = await Graphviz.load();

/** @param {Size} size */
const inches = ({ width, height }) =>
  `width=${(width / INCH).toFixed(4)} height=${(height / INCH).toFixed(4)}`;

/** @param {Box} box */
const isCompound = ({ inside }) => inside.length > 0;

/** The columns of `columns`, as ids. @param {Box} box @returns {string[][]} */
const columnsOf = ({ inside, arrows }) => {
  const compounds = inside.filter((each) => isCompound(each)).map(({ id }) => id);
  const columnOf = (/** @type {string} */ id) => {
    const to = arrows.find((arrow) => arrow.from === id && compounds.includes(arrow.to))?.to;
    return to ?? arrows.findLast((arrow) => arrow.to === id && compounds.includes(arrow.from ?? ''))?.from;
  };
  return compounds.map((compound) => [
    compound,
    ...inside.filter((each) => !isCompound(each) && columnOf(each.id) === compound).map(({ id }) => id),
  ]);
};

/** @param {Box} box @param {readonly Placed[]} inside @param {Direction} direction @param {keyof typeof GAPS} gaps */
const dotText = (box, inside, direction, gaps) => {
  const { initial, arrows } = box;
  const names = new Map(inside.map(({ box }, n) => [box.id, `n${n}`]));
  const compounds = inside.flatMap(({ box }, n) => (isCompound(box) ? [`n${n}`] : []));
  const room = (/** @type {Size} */ { width, height }) =>
    `<<table border="0" cellborder="0" fixedsize="true" width="${Math.ceil(width)}" height="${Math.ceil(height)}"><tr><td></td></tr></table>>`;
  return [
    `digraph { rankdir=${direction === 'right' || direction === 'columns' ? 'LR' : 'TB'} ${GAPS[gaps].between}`,
    'node [shape=box fixedsize=true label=""] edge [arrowhead=none]',
    ...(direction === 'beside' ? [`{ rank=same ${compounds.join(' ')} }`] : []),
    ...(direction === 'columns'
      ? columnsOf(box).map((ids) => `{ rank=same ${ids.map((id) => names.get(id)).join(' ')} }`)
      : []),
    ...inside.map((each, n) => `n${n} [${inches(each)}]`),
    ...(direction === 'stack'
      ? inside.slice(1).map((_, n) => `n${n} -> n${n + 1} [style=invis weight=9]`)
      : []),
    ...(initial === null
      ? []
      : [
          `start [shape=circle ${inches({ width: DOT, height: DOT })}]`,
          `start -> ${names.get(initial)} [weight=4]`,
        ]),
    ...arrows.map(
      ({ from, to, rows }, n) =>
        `${names.get(from ?? '')} -> ${names.get(to)} [id="${n}" label=${room(labelSize(rows))}]`,
    ),
    '}',
  ].join('\n');
};

/** @typedef {{ readonly name: string, readonly pos: string }} DotNode */
/** One that is not seen only holds boxes in their order. @typedef {{ readonly id?: string, readonly style?: 'invis', readonly pos: string, readonly lp?: string }} DotEdge */
/**
 * The part of Graphviz's JSON that is read here. Positions are text, in points, from the lower left corner upwards.
 * @typedef {{ readonly bb: string, readonly objects?: readonly DotNode[], readonly edges?: readonly DotEdge[] }} DotGraph
 */

/** The arrow to its initial state. @param {Box} box @returns {Arrow} */
const fromDot = ({ initial }) => ({ from: null, to: initial ?? '', hooks: ['start'], rows: [] });

/** @param {Box} box @param {readonly Placed[]} children @param {Direction} direction @param {keyof typeof GAPS} gaps @returns {Placed} */
const place = (box, children, direction, gaps) => {
  const header = headerSize(box);
  const { margin } = GAPS[gaps];
  // The shape of what Graphviz writes is documented, and the positions are checked by how the pictures look.
  const graph = /** @type {DotGraph} */ (
    JSON.parse(graphviz.layout(dotText(box, children, direction, gaps), 'json'))
  );
  const [left = 0, bottom = 0, right = 0, top = 0] = graph.bb.split(',').map(Number);
  const width = Math.max(header.width, right - left + 2 * margin);
  const shift = (width - (right - left)) / 2 - left;
  /** @param {string} [text] @returns {Point} */
  const pointOf = (text = '') => {
    const [x = 0, y = 0] = text.split(',').map(Number);
    return [x + shift, top - y + header.height];
  };
  const centres = new Map((graph.objects ?? []).map(({ name, pos }) => [name, pointOf(pos)]));
  const inside = children.map((each, n) => {
    const [x, y] = centres.get(`n${n}`) ?? [0, 0];
    return { ...each, at: /** @type {const} */ ([x - each.width / 2, y - each.height / 2]) };
  });
  /** @param {DotEdge} edge @returns {Line} */
  const lineOf = ({ id, pos, lp }) => {
    const arrow = box.arrows[Number(id)] ?? fromDot(box);
    const size = labelSize(arrow.rows);
    const [x, y] = pointOf(lp);
    const points = pos.split(' ').map((text) => pointOf(text));
    return { arrow, points, label: [x - size.width / 2, y - size.height / 2] };
  };
  return {
    box,
    width,
    height: header.height + top - bottom + margin,
    inside,
    lines: (graph.edges ?? []).filter(({ style }) => style !== 'invis').map((edge) => lineOf(edge)),
    dot: centres.get('start') ?? null,
  };
};

/** @param {Box} box @param {keyof typeof GAPS} gaps @returns {Placed[]} in each combination of directions */
const layoutsOf = (box, gaps) => {
  if (!isCompound(box)) return [{ box, ...headerSize(box), inside: [], lines: [], dot: null }];
  /** @type {Placed[][]} */
  const combined = box.inside.reduce(
    (some, child) => {
      const layouts = layoutsOf(child, gaps);
      return some.flatMap((before) => layouts.map((each) => [...before, each]));
    },
    /** @type {Placed[][]} */ ([[]]),
  );
  /** @type {Direction[]} */
  const directions = [
    'down',
    'right',
    ...(box.inside.filter((each) => isCompound(each)).length > 1
      ? /** @type {const} */ (['beside', 'columns'])
      : []),
    ...(gaps === 'narrow' ? /** @type {const} */ (['stack']) : []),
  ];
  return combined.flatMap((children) => directions.map((direction) => place(box, children, direction, gaps)));
};

/**
 * @param {Box} box the whole chart
 * @param {Room} [room] of all layouts, the one is taken that must be shrunk least to fit
 */
export const layOut = (box, room = ROOM) => {
  const shrinking = (/** @type {Size} */ { width, height }) =>
    Math.max(width / room.width, height / room.height);
  return layoutsOf(box, room.gaps ?? 'wide').reduce((best, each) =>
    shrinking(each) < shrinking(best) ? each : best,
  );
};
