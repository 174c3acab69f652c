/** Renders a chart as Mermaid text: GitHub draws it, and its diffs are readable. */
import { isWritten, sentence, statesOf } from './read-chart.js';

/** @typedef {import('./read-chart.js').State} State */

/** Mermaid names may contain only word characters. @param {string} id */
const word = (id) => id.replaceAll(/\W/g, '__');

/** Escapes colons and semicolons, which would end the text. @param {string} text */
const escapeText = (text) => text.replaceAll(/[:;]/g, (mark) => (mark === ':' ? '#58;' : '#59;'));

/** @param {State} state */
const linesIn = (state) => [
  state.description,
  ...state.activities,
  ...state.transitions
    .filter((transition) => isWritten(transition))
    .map((transition) => sentence(transition)),
];

/**
 * @param {State} state
 * @returns {string[]}
 */
const stateLines = (state) => {
  const id = word(state.id);
  const declared = `state "${state.name}" as ${id}`;
  // Mermaid allows no text in a compound state, so its lines go into a note.
  if (state.children.length === 0) {
    return [declared, ...linesIn(state).map((line) => `${id} : ${escapeText(line)}`)];
  }
  return [
    `${declared} {`,
    ...(state.initial === null ? [] : [`  [*] --> ${word(state.initial)}`]),
    ...state.children.flatMap((child) => stateLines(child)).map((line) => `  ${line}`),
    '}',
    `note right of ${id}`,
    ...linesIn(state).map((line) => `  ${escapeText(line)}`),
    'end note',
  ];
};

/** @param {State} chart */
export const chartMermaid = (chart) => {
  const drawn = statesOf(chart).flatMap(({ transitions }) => transitions.filter((one) => !isWritten(one)));
  const arrows = drawn.map(
    (transition) =>
      `${word(transition.source)} --> ${word(transition.target ?? transition.source)} : ${escapeText(sentence(transition))}`,
  );
  const ends = statesOf(chart)
    .filter(({ isFinal }) => isFinal)
    .map(({ id }) => `${word(id)} --> [*]`);
  const body = [...chart.children.flatMap((child) => stateLines(child)), ...arrows, ...ends];
  const start = chart.initial === null ? [] : [`[*] --> ${word(chart.initial)}`];
  const own = linesIn(chart).map((line) => `%% ${chart.name}: ${line}`);
  return `${['stateDiagram-v2', ...own, ...start, ...body].join('\n  ')}\n`;
};
