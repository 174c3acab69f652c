/** The overview (which part creates and tells which) as a picture: the actors in one box, other parts around it. */
import { wrap } from './lines.js';
import { LINES, PLACES, SIZE, SYSTEM } from './overview-layout.js';
import { legend } from './overview-legend.js';
import {
  arrow,
  CHARACTER,
  NAME_SIZE,
  quiet,
  ROW,
  rectangle,
  STEP_RADIUS,
  step,
  text,
} from './overview-shapes.js';
import { STYLE } from './palette.js';
import { PARTS, RELATIONS, relationKind } from './relations.js';

/** @typedef {import('./relations.js').Relation} Relation */
/** @typedef {{ readonly text: string, readonly step?: number | undefined }} Row */

/** @param {import('./relations.js').Part} part */
const partOf = ({ id, description, isActor }) => {
  const place = PLACES[id];
  const lines = wrap(description, Math.floor((place.width - 24) / CHARACTER));
  return [
    `<g class="part-${id} ${isActor ? 'actor' : 'end'}">`,
    rectangle(place, 'box'),
    text(place.x + 12, place.y + 20, 'name', id, NAME_SIZE),
    ...lines.map((line, n) => text(place.x + 12, place.y + 38 + n * ROW, 'description', line)),
    '</g>',
  ];
};

/**
 * The text of a relation: its kind, one row for each numbered step, and the other events as a list.
 * @param {Relation} relation
 * @param {number} width in characters
 * @returns {Row[]}
 */
const rowsOf = (relation, width) => {
  const { events, steps = {} } = relation;
  const kind = relationKind(relation);
  const others = events.filter((event) => !(event in steps)).join(', ');
  const numbered = events
    .filter((event) => event in steps)
    .map((event) => ({ text: event, step: steps[event] ?? 0 }))
    .toSorted((a, b) => a.step - b.step);
  if (kind !== '' && numbered.length === 0 && others !== '') {
    const [first = '', ...rest] = wrap(`${kind}: ${others}`, width);
    const line = `${quiet(kind)}${first.slice(kind.length + 1)}`;
    return [{ text: line }, ...rest.map((words) => ({ text: words }))];
  }
  return [
    ...(kind === '' ? [] : [{ text: quiet(kind), step: steps[''] }]),
    ...numbered,
    ...(others === '' ? [] : wrap(others, width).map((words) => ({ text: words }))),
  ];
};

/** @param {Row} row @param {number} x @param {number} y */
const rowAt = ({ text: words, step: number }, x, y) => {
  if (number === undefined) return [text(x, y, 'reaction', words)];
  return [...step(x, y, String(number)), text(x + 2 * STEP_RADIUS + 5, y, 'reaction', words)];
};

/**
 * Draws all relations from one part to another as one arrow.
 * @param {readonly Relation[]} relations
 */
const lineOf = (relations) => {
  const [first] = relations;
  if (first === undefined) throw new Error('an arrow without a relation');
  const { from, to, isPassedOn } = first;
  const line = LINES[`${from} ${to}`];
  if (line === undefined)
    throw new Error(`overview-layout.js has no place for what ${from} has to do with ${to}`);
  const rows = relations.flatMap((relation) => rowsOf(relation, line.width));
  const [x, y] = line.at;
  return [
    `<g class="edge relation-${from}--${to}" data-from="${from}" data-to="${to}">`,
    ...arrow(line.path, isPassedOn === true),
    ...rows.flatMap((row, n) => rowAt(row, x, y + n * ROW)),
    '</g>',
  ];
};

/** @returns {readonly (readonly Relation[])[]} */
const pairs = () => {
  /** @type {Map<string, Relation[]>} */
  const byPair = new Map();
  for (const relation of RELATIONS) {
    const pair = `${relation.from} ${relation.to}`;
    byPair.set(pair, [...(byPair.get(pair) ?? []), relation]);
  }
  return [...byPair.values()];
};

export const overviewPicture = () => {
  const { width, height } = SIZE;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    '<title>Who creates and tells whom</title>',
    STYLE,
    `<rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10"/>`,
    '<g transform="translate(0 0)">',
    '<g class="part-actors">',
    rectangle(SYSTEM, 'group'),
    text(SYSTEM.x + 750, SYSTEM.y + 24, 'name', 'the actor system', NAME_SIZE),
    text(SYSTEM.x + 750, SYSTEM.y + 42, 'description', 'takes every decision, and runs without transport:'),
    text(SYSTEM.x + 750, SYSTEM.y + 57, 'description', 'tests drive it on a clock of their own'),
    '</g>',
    ...pairs().flatMap(lineOf),
    ...PARTS.flatMap(partOf),
    ...legend(),
    '</g>',
    '</svg>',
  ].join('\n')}\n`;
};
