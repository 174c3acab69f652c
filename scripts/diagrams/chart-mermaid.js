/** Renders a chart as Mermaid text: GitHub draws it, and its diffs are readable. */
import { sentence, statesOf } from './read-chart.js';
import { writtenIn } from './written.js';

/** @typedef {import('./read-chart.js').State} State */
/** @typedef {(transition: import('./read-chart.js').Transition) => boolean} IsWritten */

/** Mermaid names may contain only word characters. @param {string} id */
const word = (id) => id.replaceAll(/\W/g, '__');

/** Escapes colons and semicolons, which would end the text. @param {string} text */
const escapeText = (text) => text.replaceAll(/[:;]/g, (mark) => (mark === ':' ? '#58;' : '#59;'));

/** @param {State} state @param {IsWritten} isWritten */
const linesIn = (state, isWritten) => [
  state.description,
  ...state.activities,
  ...state.transitions.filter((one) => isWritten(one)).map((one) => sentence(one, true)),
];

/**
 * @param {State} state
 * @param {IsWritten} isWritten
 * @returns {string[]}
 */
const stateLines = (state, isWritten) => {
  const id = word(state.id);
  const declared = `state "${state.name}" as ${id}`;
  const lines = linesIn(state, isWritten).map(escapeText);
  // Mermaid allows no text in a compound state, so its lines go into a note.
  if (state.children.length === 0) return [declared, ...lines.map((line) => `${id} : ${line}`)];
  return [
    `${declared} {`,
    ...(state.initial === null ? [] : [`  [*] --> ${word(state.initial)}`]),
    ...state.children.flatMap((child) => stateLines(child, isWritten)).map((line) => `  ${line}`),
    '}',
    `note right of ${id}`,
    ...lines.map((line) => `  ${line}`),
    'end note',
  ];
};

/** @param {State} chart */
export const chartMermaid = (chart) => {
  const states = statesOf(chart);
  const isWritten = writtenIn(states);
  const arrows = states
    .flatMap(({ transitions }) => transitions.filter((one) => !isWritten(one)))
    .map(
      (one) =>
        `${word(one.source)} --> ${word(one.target ?? one.source)} : ${escapeText(sentence(one, false))}`,
    );
  const ends = states.filter(({ isFinal }) => isFinal).map(({ id }) => `${word(id)} --> [*]`);
  const body = [...chart.children.flatMap((child) => stateLines(child, isWritten)), ...arrows, ...ends];
  const start = chart.initial === null ? [] : [`[*] --> ${word(chart.initial)}`];
  const own = linesIn(chart, isWritten).map((line) => `%% ${chart.name}: ${line}`);
  return `${['stateDiagram-v2', ...own, ...start, ...body].join('\n  ')}\n`;
};
