/** How the pictures look in a real browser: nothing overlaps, is clipped, or crosses a box that it has nothing to do with. */
import { assert, beforeAll, describe, expect, test } from 'vitest';
import { drawAll } from '../../scripts/diagrams/draw-all.js';
import { pageCharts } from '../../scripts/diagrams/page-charts.js';
import { ALL_CHARTS } from '../../src/machines/index.ts';
import { browserPath, launch } from '../support/browser.ts';
import { CHARTS_ON_PAGE } from '../support/charts-on-page.ts';

/** In all layouts, and the close-ups. */
const OF_PAGE = new Map([...pageCharts(CHARTS_ON_PAGE)].filter(([name]) => name.endsWith('.svg')));
const NAMES = [
  ...['overview', ...ALL_CHARTS.map(({ id }) => id)].map((id) => `${id}.svg`),
  ...OF_PAGE.keys(),
];

interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}
/** Classes of the group that it is in, and the boxes that an arrow joins. */
interface Drawn extends Area {
  readonly of: string;
  readonly words: string;
}
interface Arrow {
  /** Empty for the arrow from the dot. */
  readonly from: string;
  readonly to: string;
  readonly tip: readonly [number, number];
  readonly points: readonly (readonly [number, number])[];
}
interface Picture {
  readonly whole: Area;
  readonly texts: readonly Drawn[];
  readonly boxes: readonly Drawn[];
  readonly arrows: readonly Arrow[];
}

/** Runs in the browser. A point of an arrow every 4 pixels. */
const MEASURE = `(() => {
  const areaOf = (element) => {
    const { x, y, width, height } = element.getBBox();
    return { left: x, top: y, right: x + width, bottom: y + height };
  };
  const drawn = (element) => ({
    ...areaOf(element), of: element.parentNode.getAttribute('class') ?? '', words: element.textContent,
  });
  const all = (selector) => [...document.querySelectorAll(selector)];
  const [width, height] = document.querySelector('svg').getAttribute('viewBox').split(' ').slice(2).map(Number);
  return {
    whole: { left: 0, top: 0, right: width, bottom: height },
    texts: all('text').map(drawn),
    boxes: all('rect.box, rect.group').map(drawn),
    arrows: all('g.edge').map((group) => {
      const path = group.querySelector('.line');
      const length = path.getTotalLength();
      const [, tip] = group.querySelector('.head').getAttribute('points').split(' ');
      return {
        from: group.dataset.from ?? '', to: group.dataset.to ?? '',
        tip: tip.split(',').map(Number),
        points: Array.from({ length: Math.ceil(length / 4) + 1 }, (_, n) => {
          const { x, y } = path.getPointAtLength(Math.min(length, n * 4));
          return [x, y];
        }),
      };
    }),
  };
})()`;

/** The box around the actors in the overview. */
const SYSTEM = 'part-actors';

/** Lines are wider than nothing, and letters do not fill their line. */
const TOLERANCE = 1.5;

const overlap = (a: Area, b: Area): boolean =>
  Math.min(a.right, b.right) - Math.max(a.left, b.left) > TOLERANCE &&
  Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > TOLERANCE;
const holds = (outer: Area, inner: Area): boolean =>
  inner.left >= outer.left &&
  inner.right <= outer.right &&
  inner.top >= outer.top &&
  inner.bottom <= outer.bottom;
const isIn = ([x, y]: readonly [number, number], { left, top, right, bottom }: Area): boolean =>
  x > left + TOLERANCE && x < right - TOLERANCE && y > top + TOLERANCE && y < bottom - TOLERANCE;
const distance = ([x, y]: readonly [number, number], { left, top, right, bottom }: Area): number =>
  Math.max(left - x, x - right, top - y, y - bottom);

/** The box of a state by its id, and that of a part of the overview by its name. */
const boxNamed = ({ boxes }: Picture, id: string): Drawn | undefined =>
  boxes.find(({ of }) =>
    of.split(' ').some((each) => each === `state-${id.replaceAll('.', '__')}` || each === `part-${id}`),
  );

const overlaps = ({ texts }: Picture): string[] =>
  texts.flatMap((text, n) =>
    texts
      .slice(n + 1)
      .filter((other) => overlap(text, other))
      .map((other) => `"${text.words}" overlaps "${other.words}"`),
  );

const clipped = ({ whole, texts, boxes }: Picture): string[] =>
  texts
    .filter((text) => {
      const own = boxes.find(({ of }) => of === text.of);
      if (!holds(own ?? whole, text)) return true;
      // A text is in its own box and in those around it. No other box may cover it.
      return boxes.some((box) => overlap(box, text) && !holds(box, text));
    })
    .map(({ words }) => `"${words}" is cut off or covered`);

/** Boxes that it joins, enters or leaves, except that what is sent to an actor enters the actor system. */
const crossings = (picture: Picture): string[] =>
  picture.arrows.flatMap(({ from, to, points }) => {
    const ends = [boxNamed(picture, from), boxNamed(picture, to)];
    const strange = picture.boxes.filter(
      (box) =>
        box.of !== SYSTEM && !ends.every((end) => end === undefined || (end !== box && holds(box, end))),
    );
    return strange
      .filter((box) => points.some((point) => isIn(point, box)))
      .map((box) => `the arrow from ${from} to ${to} crosses ${box.of}`);
  });

const loose = (picture: Picture): string[] =>
  picture.arrows.flatMap(({ from, to, tip, points: [first = tip] }) => {
    const [start, end] = [boxNamed(picture, from), boxNamed(picture, to)];
    const gaps = [start && distance(first, start), end && distance(tip, end)];
    return gaps.some((gap) => gap !== undefined && Math.abs(gap) > TOLERANCE)
      ? [`the arrow from ${from} to ${to} does not touch both`]
      : [];
  });

const struck = ({ arrows, texts }: Picture): string[] =>
  arrows.flatMap(({ from, to, points }) =>
    texts
      .filter((text) => points.some((point) => isIn(point, text)))
      .map(({ words }) => `the arrow from ${from} to ${to} strikes out "${words}"`),
  );

describe.skipIf(browserPath === undefined)('the picture', () => {
  const plain = new Map<string, Picture>();
  const bold = new Map<string, Picture>();
  beforeAll(async () => {
    const drawn = new Map([...(await drawAll(ALL_CHARTS)), ...OF_PAGE]);
    const browser = await launch();
    const page = await browser.newPage();
    for (const name of NAMES) {
      await page.setContent(drawn.get(name) ?? '');
      plain.set(name, await page.evaluate<Picture>(MEASURE));
      // The page sets a transition in bold while it lights up.
      await page.addStyleTag({ content: '[class*="edge-"] { font-weight: bold }' });
      bold.set(name, await page.evaluate<Picture>(MEASURE));
    }
    await browser.close();
  });

  test.each(NAMES)('%s has texts that do not overlap, and none that is cut off or covered', (name) => {
    for (const picture of [plain.get(name), bold.get(name)]) {
      assert(picture);
      expect(picture.texts.length).toBeGreaterThan(10);
      expect([...overlaps(picture), ...clipped(picture)]).toEqual([]);
    }
  });

  test.each(NAMES)('%s has arrows from border to border, through no other box and no text', (name) => {
    const picture = plain.get(name);
    assert(picture);
    expect(picture.arrows.length).toBeGreaterThan(4);
    expect([...crossings(picture), ...loose(picture), ...struck(picture)]).toEqual([]);
  });
});
