/**
 * The charts as the live page gets them: each drawn twice, for a wide and for a narrow screen, and as data, from which the
 * page says in words what a state means and what can happen next. The pictures show states and triggers only, so that they
 * fit a screen.
 */
import { fewerArrowEnds } from './arrow-ends.js';
import { chartPicture } from './chart-picture.js';
import { draw } from './draw.js';
import { readChart, statesOf } from './read-chart.js';

/** @typedef {import('./read-chart.js').State} State */

/** In pixels: what the page has for a chart on a phone, and in a window of 1440 by 900 with and without what stands below it. */
const TALL = { width: 370, height: 900, isTight: true };
const WIDE = { width: 1400, height: 560, isTight: true };
const FULL = { width: 1400, height: 800, isTight: true };

/** @param {import('./chart-picture.js').Box} picture */
const drawWide = (picture) => {
  const drawn = draw(picture, WIDE);
  const [, width = ''] = /<svg[^>]* width="([\d.]+)"/.exec(drawn) ?? [];
  return Number(width) <= WIDE.width ? drawn : draw(picture, FULL);
};

/** @param {State} state @returns {State} without what the page says in words */
const inShort = (state) => ({
  ...state,
  description: '',
  activities: [],
  transitions: state.transitions.map((transition) => ({ ...transition, actions: '' })),
  children: state.children.map((child) => inShort(child)),
});

/** @param {State} chart */
const dataOf = (chart) => ({
  states: statesOf(chart).map(({ id, description, transitions }) => ({
    id,
    description,
    transitions: transitions.map(({ hook, event, trigger, target, actions }) => ({
      hook,
      event,
      trigger,
      target,
      actions,
    })),
  })),
});

/** The page shows no certificate. @param {import('./read-chart.js').Machine} machine */
export const isOnPage = ({ id }) => id !== 'certificate';

/**
 * @param {readonly import('./read-chart.js').Machine[]} machines
 * @returns {Map<string, string>} text by file name
 */
export const pageCharts = (machines) => {
  const files = new Map();
  for (const machine of machines) {
    const chart = readChart(machine);
    const picture = chartPicture(inShort(chart), fewerArrowEnds);
    files.set(`${machine.id}-wide.svg`, drawWide(picture));
    files.set(`${machine.id}-tall.svg`, draw(picture, TALL));
    files.set(`${machine.id}.json`, `${JSON.stringify(dataOf(chart), null, 1)}\n`);
  }
  return files;
};
