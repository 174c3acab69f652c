/** A chart that is too much for the screen opens as a close-up of the current state, in a real browser. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServerView, TimelineEvent } from '../../src/inspect/updates.ts';
import { browserPath, isOnScreen, launch, openPage, type WatchedPage } from '../support/browser.ts';
import { ScriptedStream } from './scripted-stream.ts';

const CHART = '#connection-chart';
const ALL = 'Show what is in all states';

const viewOf = (...path: readonly string[]): ServerView => ({
  states: ['server', 'server.claimed', 'server.claimed.held', 'server.claimed.held.live'],
  binaryId: null,
  phones: ['c-phone'],
  line: [],
  maxPhones: 0,
  timers: [],
  connections: [
    {
      connId: 'c-phone',
      role: 'phone',
      states: path.map((_, i) => ['connection', ...path.slice(1, i + 1)].join('.')),
      timers: [],
    },
  ],
  wakes: [],
});
const OPEN = viewOf('connection', 'open', 'fresh');
const CLOSING = viewOf('connection', 'closing', 'writing');

const PHONE = { kind: 'connection', connId: 'c-phone', role: 'phone' } as const;
/** Taken within a state that is folded unless the connection is in it. */
const WRITTEN: TimelineEvent = {
  n: 1,
  atMs: 1,
  from: { ...PHONE, kind: 'socket' },
  to: PHONE,
  message: { type: 'close.written', connId: '', closeCode: null, cause: '' },
  state: 'closing.answering',
  taken: [{ source: 'connection.closing.writing', event: 'close.written', index: 0 }],
  isIgnored: false,
  orders: [],
  reports: [],
};

/** States with boxes in them that are drawn in full, and those that are folded. */
const shown = async (page: Page): Promise<{ full: string[]; folded: string[] }> => {
  const names = async (part: string): Promise<string[]> =>
    (await page.locator(`${CHART} ${part} > .name`).allTextContents()).map((name) =>
      name.replace(/ \+.*/, ''),
    );
  return {
    full: (await names('.state:has(> .group)')).filter((name) => name !== 'connection'),
    folded: await names('.state.folded'),
  };
};

describe.skipIf(browserPath === undefined)('a close-up of a chart', () => {
  let browser: Browser;
  let stream: ScriptedStream;
  beforeAll(async () => {
    browser = await launch();
    stream = await ScriptedStream.start([], OPEN);
  });
  afterAll(async () => {
    await browser.close();
    stream.stop();
  });

  const open = async (): Promise<WatchedPage> => {
    stream.show(OPEN);
    const opened = await openPage(browser, `${stream.url}#any`, 'light', 390);
    await opened.page.emulateMedia({ reducedMotion: 'reduce' });
    await opened.page.locator('#connections button', { hasText: 'c-phone' }).click();
    await opened.page.locator(`${CHART} .state-connection__open__fresh.current`).waitFor();
    return opened;
  };

  test('is of the current state, and follows it without moving what is below', async () => {
    const { page, faults } = await open();
    const frame = page.locator(`${CHART} .chart-frame`);
    const before = await frame.boundingBox();
    expect(await shown(page)).toEqual({ full: ['open'], folded: ['waiting', 'closing', 'refused'] });
    stream.show(CLOSING);
    await page.locator(`${CHART} .state-connection__closing__writing.current`).waitFor();
    expect(await shown(page)).toEqual({ full: ['closing'], folded: ['waiting', 'open', 'refused'] });
    expect((await frame.boundingBox())?.height).toBe(before?.height);
    // The button that chose it has the focus still.
    expect(await isOnScreen(page, `${CHART} .chart-frame`)).toBe(true);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('of another state is one press on it away, by mouse or keyboard, and stays until asked to follow', async () => {
    const { page } = await open();
    await page.locator(`${CHART} .state-connection__closing.folded`).click();
    expect((await shown(page)).full).toEqual(['closing']);
    const follow = page.locator(CHART).getByRole('button', { name: 'Follow' });
    expect(await follow.getAttribute('aria-pressed')).toBe('false');
    await page.locator(`${CHART} .state-connection__refused.folded`).focus();
    await page.keyboard.press('Enter');
    expect((await shown(page)).full).toEqual(['refused']);

    stream.show(viewOf('connection', 'open', 'pinged'));
    await page.locator('#connections code', { hasText: 'open.pinged' }).waitFor();
    expect((await shown(page)).full).toEqual(['refused']);
    expect(await page.locator(`${CHART} .state-connection__open.folded.on`).count()).toBe(1);
    await follow.click();
    expect((await shown(page)).full).toEqual(['open']);
    expect(await page.locator(`${CHART} .state-connection__open__pinged.current`).count()).toBe(1);
    await page.close();
  });

  test('lights a folded state if a transition was taken that it hides, and the label if it does not', async () => {
    const { page } = await open();
    const refused = page.locator(`${CHART} .state-connection__refused.folded`);
    await refused.click();
    stream.show(viewOf('connection', 'closing', 'answering'), [WRITTEN]);
    await page.locator(`${CHART} .state-connection__closing.folded.lit`).waitFor();
    expect(await page.locator(`${CHART} .lit`).count()).toBe(1);
    await page.locator(`${CHART} .state-connection__closing.folded`).click();
    stream.show(viewOf('connection', 'closing', 'answering'), [{ ...WRITTEN, n: 2 }]);
    await page.locator(`${CHART} text.lit`, { hasText: 'close.written' }).waitFor();
    await page.close();
  });

  test('gives way to the whole chart with one press, and comes back with another', async () => {
    const { page } = await open();
    const all = page.locator(CHART).getByRole('button', { name: ALL });
    await all.click();
    expect(await shown(page)).toEqual({ full: ['open', 'closing', 'refused'], folded: [] });
    expect(await all.getAttribute('aria-pressed')).toBe('true');
    await all.click();
    expect((await shown(page)).full).toEqual(['open']);
    await page.close();
  });

  test('is not needed where the whole chart can be read', async () => {
    const { page } = await open();
    await page.setViewportSize({ width: 1_440, height: 900 });
    await expect.poll(() => shown(page)).toEqual({ full: ['open', 'closing', 'refused'], folded: [] });
    expect(await page.locator(CHART).getByRole('button', { name: ALL }).count()).toBe(0);
    // The chart of the server-id has no close-ups.
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(async () => (await shown(page)).full).toEqual(['open']);
    expect(await page.locator('#server-chart').getByRole('button', { name: ALL }).count()).toBe(0);
    await page.close();
  });
});
