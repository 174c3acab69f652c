/** Draws a picture of boxes and arrows as SVG, laid out by state-machine-cat. The output is deterministic. */
import { render } from 'state-machine-cat';
import { paint, SCAFFOLD } from './paint.js';

/** @typedef {import('state-machine-cat').IState} SmcatState */
/** @typedef {import('state-machine-cat').ITransition} SmcatTransition */

/**
 * One line of text in a box or on an arrow. `look` selects its style; `hook` is a class for its text element.
 * @typedef {{ readonly text: string, readonly look: 'description' | 'reaction' | 'action', readonly hook?: string }} Row
 */
/**
 * @typedef {{
 *   readonly id: string, readonly name: string, readonly hook: string, readonly rows: readonly Row[],
 *   readonly initial: string | null, readonly inside: readonly Box[],
 * }} Box
 */
/**
 * @typedef {{
 *   readonly from: string, readonly to: string, readonly hooks: readonly string[], readonly rows: readonly Row[],
 * }} Arrow
 */
/**
 * @typedef {{
 *   readonly title: string, readonly direction: import('state-machine-cat').DirectionType, readonly hasArrowheads: boolean,
 *   readonly boxes: readonly Box[], readonly arrows: readonly Arrow[],
 * }} Picture
 */

/** Arrows leave a compound box from a ring at its bottom, because an arrow from its border would be hard to see. */
const portOf = (/** @type {string} */ id) => `${id}.port`;

/** @param {readonly Box[]} boxes @returns {Box[]} */
const allOf = (boxes) => boxes.flatMap((box) => [box, ...allOf(box.inside)]);

/** @param {Picture} picture */
const portOwners = ({ boxes, arrows }) =>
  allOf(boxes).filter(({ id, inside }) => inside.length > 0 && arrows.some(({ from }) => from === id));

/**
 * @param {Box} box
 * @param {ReadonlySet<Box>} withPort
 * @returns {SmcatState}
 */
const stateOf = (box, withPort) => {
  const { id, name, hook, rows, initial, inside } = box;
  return {
    name: id,
    type: 'regular',
    label: name,
    class: hook,
    // The only type that smcat draws without a prefix.
    actions: rows.map(({ text }) => ({ type: 'activity', body: text })),
    ...(inside.length > 0 && {
      statemachine: {
        states: [
          ...(initial === null ? [] : [/** @type {const} */ ({ name: `${id}.start`, type: 'initial' })]),
          ...inside.map((inner) => stateOf(inner, withPort)),
          ...(withPort.has(box)
            ? [/** @type {const} */ ({ name: portOf(id), type: 'junction', class: 'port' })]
            : []),
        ],
      },
    }),
  };
};

/**
 * Arrows from the initial dot of a compound box, and invisible arrows to its port, which keep it at the bottom.
 * @param {Picture} picture
 */
const innerArrows = (picture) => [
  ...allOf(picture.boxes).flatMap(({ id, initial }) =>
    initial === null ? [] : [{ from: `${id}.start`, to: initial, class: 'start' }],
  ),
  ...portOwners(picture).flatMap(({ id, inside }) =>
    inside.map((last) => ({ from: last.id, to: portOf(id), class: SCAFFOLD })),
  ),
];

/**
 * @param {Picture} picture
 * @returns {SmcatTransition[]}
 */
const transitionsOf = (picture) => {
  const ports = new Set(portOwners(picture).map(({ id }) => id));
  const leadsBack = (/** @type {Arrow} */ { from, to }) =>
    picture.arrows.some((other) => other.from === to && other.to === from);
  const shown = picture.arrows.map((arrow) => ({
    from: ports.has(arrow.from) ? portOf(arrow.from) : arrow.from,
    to: ports.has(arrow.to) && leadsBack(arrow) ? portOf(arrow.to) : arrow.to,
    class: arrow.hooks.join(' '),
    label: arrow.rows.map(({ text }) => text).join('\n'),
  }));
  // A second, invisible arrow pulls a box up to its source. Boxes that are entered from one state then stand side by side.
  const boxes = new Set(allOf(picture.boxes).flatMap(({ id, inside }) => (inside.length > 0 ? [id] : [])));
  const intoBoxes = picture.arrows.filter(({ to }) => boxes.has(to));
  const pulls = intoBoxes
    .filter(({ from }) => !boxes.has(from) && intoBoxes.filter((each) => each.from === from).length > 1)
    .map(({ from, to }) => ({ from, to, class: SCAFFOLD }));
  return [...innerArrows(picture), ...shown, ...pulls].map((transition, id) => ({ ...transition, id }));
};

/** @param {Picture} picture */
export const draw = async (picture) => {
  const withPort = new Set(portOwners(picture));
  const svg = await render(
    { states: picture.boxes.map((box) => stateOf(box, withPort)), transitions: transitionsOf(picture) },
    {
      inputType: 'json',
      // Uses the bundled Graphviz. `svg` would use the machine's own, if installed, with other output.
      outputType: 'oldsvg',
      direction: picture.direction,
      dotGraphAttrs: [
        { name: 'nodesep', value: '0.5' },
        { name: 'ranksep', value: '0.5' },
        { name: 'pad', value: '0.3' },
      ],
      dotEdgeAttrs: picture.hasArrowheads ? [] : [{ name: 'dir', value: 'none' }],
    },
  );
  return paint(svg, picture);
};
