/** Renders a chart as Mermaid text: GitHub draws it, and its diffs are readable. Says what the picture says. */
import { arrowEnds } from './arrow-ends.js';
import { arrowWords, boxWords, statesOf } from './read-chart.js';

/** @typedef {import('./read-chart.js').State} State */

/** Mermaid names may contain only word characters. @param {string} id */
const word = (id) => id.replaceAll(/\W/g, '__');

/** Escapes colons and semicolons, which would end the text. @param {string} text */
const escapeText = (text) => text.replaceAll(/[:;]/g, (mark) => (mark === ':' ? '#58;' : '#59;'));

/** @param {readonly string[]} lines */
const indented = (lines) => lines.map((line) => `  ${line}`);

/** A box with text. @param {string} id @param {string} name @param {readonly string[]} lines */
const boxLines = (id, name, lines) => [
  `state "${name}" as ${id}`,
  ...lines.map((line) => `${id} : ${escapeText(line)}`),
];

/**
 * What is written in a box with boxes in it. Mermaid has no room for it there. A note does not cover any arrow, but Mermaid
 * places it outside of the outermost box, and then places that one badly if the note is for a box within. Such a box gets a
 * box with the text among its own.
 * @param {State} state
 * @param {readonly string[]} lines
 * @param {boolean} isOutermost
 * @returns {{ readonly inside: readonly string[], readonly after: readonly string[] }}
 */
const rulesOfBox = ({ id, name }, lines, isOutermost) =>
  isOutermost
    ? {
        inside: [],
        after: [`note right of ${word(id)}`, ...indented(lines.map((line) => escapeText(line))), 'end note'],
      }
    : { inside: boxLines(`${word(id)}__anywhere`, `anywhere in ${name}`, lines), after: [] };

/** @param {State} chart */
export const chartMermaid = (chart) => {
  const states = statesOf(chart);
  const endsOf = arrowEnds(states);
  const transitions = states.flatMap((state) => state.transitions);

  /** @param {State} state what it does by itself, and the rules that no arrow shows */
  const rulesOf = ({ activities, transitions: own }) => [
    ...activities,
    ...own.filter((one) => endsOf(one) === null).map((one) => boxWords(one)),
  ];

  /**
   * Transitions between the same two boxes share an arrow, because Mermaid writes the text of parallel ones on top of each other.
   * @param {State} state
   */
  const arrowLines = ({ id, children }) => {
    /** @type {Map<string, string[]>} */
    const byEnds = new Map();
    for (const transition of transitions) {
      const ends = endsOf(transition);
      if (ends === null || ends.inside !== id) continue;
      const arrow = `${word(ends.from)} --> ${word(ends.to)}`;
      byEnds.set(arrow, [...(byEnds.get(arrow) ?? []), escapeText(arrowWords(transition, ends))]);
    }
    return [
      ...[...byEnds].map(([arrow, texts]) => `${arrow} : ${texts.join('<br>')}`),
      ...children.filter(({ isFinal }) => isFinal).map((end) => `${word(end.id)} --> [*]`),
    ];
  };

  /** @param {State} state @returns {string[]} what is in its box */
  const linesInside = (state) => [
    ...(state.initial === null ? [] : [`[*] --> ${word(state.initial)}`]),
    ...state.children.flatMap((child) => stateLines(child, state === chart)),
    ...arrowLines(state),
  ];

  /** @param {State} state @param {boolean} isOutermost @returns {string[]} */
  const stateLines = (state, isOutermost) => {
    const lines = [state.description, ...rulesOf(state)];
    if (state.children.length === 0) return boxLines(word(state.id), state.name, lines);
    const { inside, after } = rulesOfBox(state, lines, isOutermost);
    return [
      `state "${state.name}" as ${word(state.id)} {`,
      ...indented([...inside, ...linesInside(state)]),
      '}',
      ...after,
    ];
  };

  const title = `${chart.name}: ${chart.description}`.replaceAll("'", "''");
  const rules = rulesOf(chart);
  const body = [...(rules.length === 0 ? [] : rulesOfBox(chart, rules, false).inside), ...linesInside(chart)];
  return `${['---', `title: '${title}'`, '---', 'stateDiagram-v2', ...indented(body)].join('\n')}\n`;
};
