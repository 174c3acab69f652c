/** The picture of 20,000 server-ids on the live page, in a real browser: each square, read back from the canvas. */
import type { Browser, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dotsFor, type Grid, gridFor } from '../../src/inspect/page/grid-places.ts';
import type { Row, ServerState } from '../../src/inspect/updates.ts';
import { browserPath, launch } from '../support/browser.ts';
import { ScriptedStream } from './scripted-stream.ts';

const COUNT = 20_000;
const SAMPLES = 60;
/** As many as a server-id has at most, if nothing else is set, and one. */
const MOST_PHONES = 17;
const STATES = ['live', 'probing', 'grace', 'unclaimed', 'live'] as const;

const ROWS: readonly Row[] = Array.from({ length: COUNT }, (_, i) => [
  `server-${i}`,
  STATES[i % STATES.length] ?? 'live',
  (i * 7) % MOST_PHONES,
  0,
]);

const count = (rows: readonly Row[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const [, state] of rows) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
};

/** A square as it is drawn: the colour of its corner, where no dot stands, and how many pixels have which colour. */
interface Square {
  readonly corner: string;
  readonly pixels: Readonly<Record<string, number>>;
}

/** The squares at these places. Colours are named as in the style sheet, "0,0,0,0" and the like if they are not there. */
const squaresOf = async (
  page: Page,
  { columns, step, gap }: Grid,
  places: readonly number[],
): Promise<readonly Square[]> =>
  await page.evaluate<readonly Square[]>(`(() => {
    const probe = document.createElement('canvas').getContext('2d');
    const style = getComputedStyle(document.documentElement);
    const names = new Map(['live', 'probing', 'grace', 'released', 'dot'].map((name) => {
      probe.fillStyle = style.getPropertyValue('--' + name);
      probe.fillRect(0, 0, 1, 1);
      return [probe.getImageData(0, 0, 1, 1).data.join(), name === 'released' ? 'unclaimed' : name];
    }));
    const { width, height } = document.getElementById('grid');
    const { data } = document.getElementById('grid').getContext('2d').getImageData(0, 0, width, height);
    const colourAt = (x, y) => {
      const at = (y * width + x) * 4;
      const colour = data.slice(at, at + 4).join();
      return names.get(colour) ?? colour;
    };
    return ${JSON.stringify(places)}.map((place) => {
      const [left, top] = [(place % ${columns}) * ${step}, Math.floor(place / ${columns}) * ${step}];
      const pixels = {};
      for (let y = top; y < top + ${step - gap}; y++) {
        for (let x = left; x < left + ${step - gap}; x++) {
          const colour = colourAt(x, y);
          pixels[colour] = (pixels[colour] ?? 0) + 1;
        }
      }
      return { corner: colourAt(left, top), pixels };
    });
  })()`);

/** Whether the name beside the picture is cut off. */
const IS_CUT = `(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)(document.getElementById('whole-at'))`;

const named = ([serverId, state, phones]: Row): string =>
  `${serverId}: ${state}, ${phones} ${phones === 1 ? 'phone' : 'phones'}`;

describe.skipIf(browserPath === undefined)('the picture of 20,000 server-ids', () => {
  let browser: Browser;
  let stream: ScriptedStream;
  beforeEach(async () => {
    browser = await launch();
    stream = await ScriptedStream.start(ROWS);
  });
  afterEach(async () => {
    await browser.close();
    stream.stop();
  });

  /** The row that is named on the page. */
  const rowAt = async (page: Page): Promise<Row | undefined> => {
    const words = (await page.locator('#whole-at').textContent()) ?? '';
    return stream.row(words.split(':')[0] ?? '');
  };

  // On the larger screen, there is room for a dot of each phone; on the smaller one, a faint dot says that there are some.
  test.each([
    ['light', 1, 900],
    ['dark', 3, 2_400],
  ] as const)('%s, %i pixels to a unit: colours, dots and names', async (colorScheme, scale, height) => {
    const viewport = { width: 1_400, height };
    const page = await browser.newPage({ colorScheme, viewport, deviceScaleFactor: scale });
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(stream.url);
    await page.locator('#shown', { hasText: '20,000' }).waitFor();
    const canvas = page.locator('#grid');
    const box = await canvas.boundingBox();
    const grid = gridFor(COUNT, Math.floor((box?.width ?? 0) * scale), Math.floor(height * 0.4 * scale));
    const side = grid.step - grid.gap;

    const all = ROWS.map((_, place) => place);
    const drawn = async (): Promise<Readonly<Record<string, number>>> => {
      const counts: Record<string, number> = {};
      for (const { corner } of await squaresOf(page, grid, all)) counts[corner] = (counts[corner] ?? 0) + 1;
      return counts;
    };
    await expect.poll(drawn).toEqual(count(ROWS));

    // Here and there: what the pointer is told, and whether it is what is drawn.
    const places = Array.from({ length: SAMPLES }, (_, i) => i * 331);
    const squares = await squaresOf(page, grid, places);
    const hover = async (place: number): Promise<void> => {
      const at = (n: number): number => (n * grid.step + side / 2) / scale;
      await canvas.hover({
        position: { x: at(place % grid.columns), y: at(Math.floor(place / grid.columns)) },
      });
    };
    const states = new Set<ServerState>();
    for (const [i, place] of places.entries()) {
      await hover(place);
      expect(await page.evaluate(IS_CUT)).toBe(false);
      const row = await rowAt(page);
      if (row === undefined) throw new Error(`nothing is named at ${place}`);
      expect(row[0]).toBe(ROWS[place]?.[0]);
      expect(await page.locator('#whole-at').textContent()).toBe(named(row));
      const [, state, phones] = row;
      states.add(state);
      const dots = dotsFor(phones, side);
      const ofDots = phones === 0 ? 0 : dots.count * dots.size ** 2;
      const { [state]: ground = 0, ...others } = squares[i]?.pixels ?? {};
      expect([place, ground, Object.values(others).reduce((sum, n) => sum + n, 0)]).toEqual([
        place,
        side * side - ofDots,
        ofDots,
      ]);
      if (scale > 1 && phones > 0) expect([place, others]).toEqual([place, { dot: ofDots }]);
    }
    expect([...states].toSorted()).toEqual([...new Set(STATES)].toSorted());

    // What changes is drawn anew, in its place, and named so where the pointer still is.
    const last = places.at(-1) ?? 0;
    const changed = ROWS.filter((_, i) => i % 3 === last % 3).map((row): Row => [row[0], 'grace', 2, 0]);
    stream.change(changed);
    await expect.poll(drawn).toEqual(count(stream.rows));
    expect(await page.locator('#whole-at').textContent()).toBe(`${ROWS[last]?.[0]}: grace, 2 phones`);
    expect(faults).toEqual([]);
  });

  test('the keys go from square to square, name it, and open it', async () => {
    const page = await browser.newPage({ viewport: { width: 1_400, height: 900 } });
    await page.goto(stream.url);
    await page.locator('#shown', { hasText: '20,000' }).waitFor();
    const canvas = page.locator('#grid');
    const box = await canvas.boundingBox();
    const grid = gridFor(COUNT, Math.floor(box?.width ?? 0), 360);
    await canvas.focus();
    const says = page.locator('#whole-at');
    const at = async (place: number): Promise<void> => {
      expect(await says.textContent()).toBe(named(ROWS[place] ?? ['none', 'live', 0, 0]));
      // The frame stands around the square that is named.
      const mark = await page.locator('#grid-mark').boundingBox();
      expect([(mark?.x ?? 0) - (box?.x ?? 0), (mark?.y ?? 0) - (box?.y ?? 0)].map(Math.round)).toEqual([
        (place % grid.columns) * grid.step,
        Math.floor(place / grid.columns) * grid.step,
      ]);
    };
    await at(0);
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
    await at(5);
    await page.keyboard.press('ArrowDown');
    await at(5 + grid.columns);
    await page.keyboard.press('ArrowLeft');
    await at(4 + grid.columns);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await at(4);
    await page.keyboard.press('End');
    expect(await says.textContent()).toBe(named(ROWS[COUNT - 1] ?? ['none', 'live', 0, 0]));
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.locator('#server-name', { hasText: 'server-1' }).waitFor();
    expect(await page.locator('#server-name').textContent()).toBe('server-1');
  });
});
