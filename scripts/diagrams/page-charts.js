/**
 * The charts as the live page gets them: each drawn for several screens, and as data, from which the page says in words what a
 * state means and what can happen next. The pictures show states and triggers only, so that they fit a screen.
 */
import { fewerArrowEnds } from './arrow-ends.js';
import { chartPicture } from './chart-picture.js';
import { closeUp, closeUpsOf } from './close-up.js';
import { draw } from './draw.js';
import { readChart, statesOf } from './read-chart.js';

/** @typedef {import('./chart-picture.js').Box} Box */
/** @typedef {import('./layout.js').Room} Room */
/** @typedef {import('./read-chart.js').State} State */

/**
 * In pixels: what the page has for a chart in a window of 1440 by 900 with and without what stands below it, on a tablet, and on
 * a phone, where there is no room for text beside an arrow.
 */
const WIDE = /** @type {const} @satisfies {Room} */ ({ width: 1400, height: 560, gaps: 'tight' });
const FULL = /** @type {const} @satisfies {Room} */ ({ width: 1400, height: 800, gaps: 'tight' });
/** Beside the history in a window of 1280 by 800. */
const MEDIUM = /** @type {const} @satisfies {Room} */ ({ width: 960, height: 600, gaps: 'tight' });
const TALL = /** @type {const} @satisfies {Room} */ ({ width: 370, height: 900, gaps: 'tight' });
/** On a tablet that is turned, if there is no room for text beside an arrow. */
const SQUARE = /** @type {const} @satisfies {Room} */ ({ width: 960, height: 660, gaps: 'tight' });
const SLIM = /** @type {const} @satisfies {Room} */ ({ width: 370, height: 710, gaps: 'narrow' });

/** @param {Box} picture */
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

/** Pictures of the chart, or of one of its states, by layout. @typedef {{ readonly of: string, readonly drawn: ReadonlyMap<string, string> }} Pictures */

/** The first of those that are alike. @param {readonly (readonly [layout: string, svg: string])[]} drawn */
const different = (drawn) =>
  new Map(drawn.filter(([, svg], n) => drawn.findIndex(([, other]) => other === svg) === n));

/** @param {State} chart @param {readonly Pictures[]} pictures the first is of the whole chart */
const dataOf = (chart, pictures) => ({
  pictures: pictures.map(({ of, drawn }) => ({ of, layouts: [...drawn.keys()] })),
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
    const manner = { chooseArrows: fewerArrowEnds, isTextInBoxes: false };
    const picture = chartPicture(inShort(chart), manner);
    const slim = chartPicture(inShort(chart), { ...manner, isTextInBoxes: true });
    const drawAs = (/** @type {string} */ of, /** @type {(chart: Box) => Box} */ part) => ({
      of,
      drawn: different([
        ['wide', drawWide(part(picture))],
        ['medium', draw(part(picture), MEDIUM)],
        ['tall', draw(part(picture), TALL)],
        ['square', draw(part(slim), SQUARE)],
        ['slim', draw(part(slim), SLIM)],
      ]),
    });
    const pictures = [
      drawAs(machine.id, (whole) => whole),
      ...closeUpsOf(picture).map((id) => drawAs(id, (whole) => closeUp(whole, id))),
    ];
    for (const { of, drawn } of pictures)
      for (const [layout, svg] of drawn) files.set(`${of}-${layout}.svg`, svg);
    files.set(`${machine.id}.json`, `${JSON.stringify(dataOf(chart, pictures), null, 1)}\n`);
  }
  return files;
};
