/** What the shapes and words of the overview mean. */
import { LEGEND } from './overview-layout.js';
import { arrow, NAME_SIZE, quiet, rectangle, STEP_RADIUS, step, text } from './overview-shapes.js';

const LINE = 18;
const SAMPLE = 34;

/** @typedef {(x: number, y: number) => readonly string[]} Sample */

/** @param {string} look @returns {Sample} */
const box = (look) => (x, y) => [
  `<g class="${look}">`,
  rectangle({ x: x + 4, y: y - 11, width: SAMPLE - 12, height: 13 }, 'box', 4),
  '</g>',
];
/** @param {boolean} isDashed @returns {Sample} */
const line = (isDashed) => (x, y) => arrow(`M${x} ${y - 4}H${x + SAMPLE - 6}`, isDashed);
/** @type {Sample} */
const number = (x, y) => step(x + SAMPLE / 2 - STEP_RADIUS - 3, y, 'n');

/** @type {readonly (readonly [sample: Sample, words: string])[]} */
const ENTRIES = [
  [box('actor'), 'an actor'],
  [box('end'), 'not an actor'],
  [line(false), `${quiet('creates')} it, ${quiet('tells')} it events, ...`],
  [line(true), `${quiet('tells')} it events, by way of the directory`],
  [number, 'step n in the life of a phone'],
];

/** @type {readonly string[]} */
const WORDS = [
  `${quiet('orders')}: what is to be done outside`,
  `${quiet('reports')}: what was decided, for log and metrics`,
];

export const legend = () => {
  const { x, y } = LEGEND;
  const after = y + (ENTRIES.length + 1) * LINE;
  return [
    '<g class="legend">',
    text(x, y, 'name', 'Legend', NAME_SIZE),
    ...ENTRIES.flatMap(([sample, words], n) => [
      ...sample(x, y + (n + 1) * LINE),
      text(x + SAMPLE, y + (n + 1) * LINE, 'reaction', words),
    ]),
    ...WORDS.map((words, n) => text(x, after + n * LINE, 'reaction', words)),
    '</g>',
  ];
};
