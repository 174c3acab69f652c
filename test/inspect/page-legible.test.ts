/** Each chart of the live page can be read when it opens, whatever the screen and the state, in a real browser. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServerView } from '../../src/inspect/updates.ts';
import { browserPath, isOnScreen, launch, openPage } from '../support/browser.ts';
import { badLabels, paleTexts } from '../support/page-text.ts';
import { ScriptedStream } from './scripted-stream.ts';

/** In pixels, as they are seen on the screen. */
const LEAST_SIZE = 9;

const SCREENS = [
  [390, 844],
  [390, 900],
  [768, 1_024],
  [1_024, 768],
  [1_280, 800],
  [1_440, 900],
  [1_920, 1_080],
] as const;
/** On which a close-up of the largest state has no room. */
const LOW_SCREENS = [
  [360, 640],
  [390, 667],
  [844, 390],
] as const;
const SCHEMES = ['light', 'dark'] as const;
const CASES = SCREENS.flatMap(([width, height]) => SCHEMES.map((scheme) => [width, height, scheme] as const));

/** A connection in each of the outermost states of its chart, and in some of the inner ones. */
const STATES = ['waiting', 'open.pinged', 'closing.starting', 'closing.cut', 'refused.answering', 'ended'];

const idsOf = (chart: string, state: string): string[] =>
  state.split('.').map((_, i, path) => [chart, ...path.slice(0, i + 1)].join('.'));

const connection = (connId: string, state: string): ServerView['connections'][number] => ({
  connId,
  role: 'phone',
  states: ['connection', ...idsOf('connection', state)],
  timers: [],
});

const viewOf = (connections: ServerView['connections']): ServerView => ({
  states: ['server', ...idsOf('server', 'claimed.held.live')],
  binaryId: null,
  phones: connections.map(({ connId }) => connId),
  line: [],
  maxPhones: 0,
  timers: [],
  connections,
  wakes: [{ id: 1, states: ['wake', ...idsOf('wake', 'awaitingCredential')], timers: [] }],
});

/** Texts of the chart in this figure that are smaller than that, and what is seen of the chart. */
const smallTexts = async (page: Page, figure: string): Promise<readonly string[]> =>
  await page.evaluate<readonly string[]>(`(() => {
    const texts = [...document.querySelectorAll('${figure} .chart-frame svg text')];
    const sizeOf = (text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a;
    const small = texts.filter((text) => !(sizeOf(text) >= ${LEAST_SIZE}));
    return [...(texts.length < 9 ? ['only ' + texts.length + ' texts'] : []),
      ...small.map((text) => text.firstChild.textContent + ': ' + sizeOf(text).toFixed(1))];
  })()`);

/** Whether all of the current state is in the window of the connection chart, and all of the chart. */
const inView = async (page: Page): Promise<{ current: boolean; all: boolean }> =>
  await page.evaluate<{ current: boolean; all: boolean }>(`(() => {
    const frame = document.querySelector('#connection-chart .chart-frame').getBoundingClientRect();
    const holds = (selector) => {
      const { left, right, top, bottom } = document.querySelector('#connection-chart ' + selector).getBoundingClientRect();
      return left >= frame.left && right <= frame.right && top >= frame.top && bottom <= frame.bottom;
    };
    return { current: holds('.state.current > :is(.box, .group)'), all: holds('svg .group') };
  })()`);

/** The name of each state that is drawn, in the order of the chart. */
const drawnStates = async (page: Page): Promise<readonly string[]> =>
  await page.locator('#connection-chart .state > .name').allTextContents();

describe.skipIf(browserPath === undefined)('a chart on the live page', () => {
  let browser: Browser;
  let stream: ScriptedStream;
  beforeAll(async () => {
    browser = await launch();
    stream = await ScriptedStream.start([], viewOf(STATES.map((state) => connection(`c-${state}`, state))));
  });
  afterAll(async () => {
    await browser.close();
    stream.stop();
  });

  const open = async (width: number, height: number, scheme: 'light' | 'dark' = 'light') => {
    const opened = await openPage(browser, `${stream.url}#any`, scheme, width);
    await opened.page.setViewportSize({ width, height });
    await opened.page.emulateMedia({ reducedMotion: 'reduce' });
    await opened.page.locator('#server-chart .current').waitFor();
    return opened;
  };
  const choose = async (page: Page, name: string): Promise<void> => {
    await page.locator('#connections button', { hasText: name }).click();
    await page
      .locator(`${name.startsWith('wake') ? '#wake-chart' : '#connection-chart'} .state.current`)
      .waitFor();
  };

  test.each(CASES)(
    'has no text that is too small, cut off or pale: %i by %i, %s',
    async (width, height, scheme) => {
      const { page, faults } = await open(width, height, scheme);
      expect(await smallTexts(page, '#server-chart')).toEqual([]);
      for (const state of STATES) {
        await choose(page, `c-${state}`);
        expect([state, ...(await smallTexts(page, '#connection-chart'))]).toEqual([state]);
        expect(await badLabels(page, '#connection-chart')).toEqual([]);
        expect(await isOnScreen(page, '#connection-chart .chart-frame')).toBe(true);
        // Each of the outermost states is there, whichever is shown in full.
        const names = await drawnStates(page);
        for (const name of ['waiting', 'open', 'closing', 'refused', 'ended']) {
          expect(names.filter((each) => each === name || each.startsWith(`${name} +`))).toHaveLength(1);
        }
      }
      expect(await paleTexts(page)).toEqual([]);
      await choose(page, 'wake 1');
      expect(await smallTexts(page, '#wake-chart')).toEqual([]);
      await page.locator('#back').click();
      await page.getByText('The charts of the relay and of push').click();
      for (const name of ['relay', 'push']) {
        await page.locator(`#${name}-chart svg`).waitFor();
        expect(await smallTexts(page, `#${name}-chart`)).toEqual([]);
        expect(await badLabels(page, `#${name}-chart`)).toEqual([]);
      }
      expect(faults).toEqual([]);
      await page.close();
    },
  );

  test.each(LOW_SCREENS)(
    'is cut off rather than too small on a low screen: %i by %i',
    async (width, height) => {
      const { page, faults } = await open(width, height);
      for (const state of STATES) {
        await choose(page, `c-${state}`);
        expect([state, ...(await smallTexts(page, '#connection-chart'))]).toEqual([state]);
        expect([state, (await inView(page)).current]).toEqual([state, true]);
        expect(await isOnScreen(page, '#connection-chart .chart-frame')).toBe(true);
      }
      await choose(page, 'c-closing.cut');
      expect((await inView(page)).all).toBe(false);
      await page.locator('#connection-chart').getByRole('button', { name: 'Fit' }).click();
      expect((await inView(page)).all).toBe(true);
      // Once there is room, it is whole and can be read.
      await choose(page, 'c-closing.starting');
      await page.setViewportSize({ width: 390, height: 900 });
      await expect.poll(async () => (await inView(page)).all).toBe(true);
      expect(await smallTexts(page, '#connection-chart')).toEqual([]);
      expect(faults).toEqual([]);
      await page.close();
    },
  );

  test('that is cut off is moved by one finger; on one that is whole, a finger moves the page', async () => {
    const { page } = await open(390, 640);
    await choose(page, 'c-closing.cut');
    const touch = await page.context().newCDPSession(page);
    await touch.send('Emulation.setTouchEmulationEnabled', { enabled: true });
    /** One finger from the middle of that chart, so many pixels down. @returns how far the chart and the page have moved, likewise */
    const drag = async (figure: string, down: number): Promise<{ chart: number; page: number }> => {
      const tops = async () =>
        await page.evaluate<{ chart: number; page: number }>(`({
          chart: document.querySelector('${figure} svg .group').getBoundingClientRect().top + scrollY,
          page: scrollY,
        })`);
      const box = await page.locator(`${figure} .chart-frame`).boundingBox();
      if (box === null) throw new Error('no chart is shown');
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const before = await tops();
      await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] });
      for (let part = 0.1; part < 1; part += 0.1)
        await touch.send('Input.dispatchTouchEvent', {
          type: 'touchMove',
          touchPoints: [{ x, y: y + part * down }],
        });
      await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
      const after = await tops();
      return { chart: Math.round(after.chart - before.chart), page: Math.round(before.page - after.page) };
    };
    await page.locator('#server-chart .chart-frame').scrollIntoViewIfNeeded();
    const whole = await drag('#server-chart', -80);
    expect(whole.chart).toBe(0);
    expect(whole.page).toBeLessThan(0);
    await page.locator('#connection-chart .chart-frame').scrollIntoViewIfNeeded();
    const cut = await drag('#connection-chart', 80);
    expect(cut.page).toBe(0);
    expect(cut.chart).toBeGreaterThan(0);
    await page.close();
  });
});
