/** What the live page explains in words to someone who has never seen a chart, in a real browser. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { browserPath, launch, openPage } from '../support/browser.ts';
import { TestRelay } from '../support/relay.ts';

const DOCS = readFileSync(new URL('../../docs/inspecting.md', import.meta.url), 'utf8');

/** Each entry of the legend, and what it explains in the chart. */
const LEGEND = [
  'current state',
  'around it',
  'just taken',
  'pointed at',
  'final state',
  '● starts here',
  '→ state leads there without an arrow',
  'event [guard] if the guard is true',
  'after delay a timer',
];

/** Each colour of the legend, and where the chart has it. */
const SWATCHES = [
  ['current', 'border-top-color', '.current > .box', 'stroke'],
  ['current', 'background-color', '.current > .box', 'fill'],
  ['on', 'border-top-color', '.on:not(.current) > .group', 'stroke'],
  ['on', 'background-color', '.on:not(.current) > .group', 'fill'],
  ['lit', 'border-top-color', 'text.lit', 'fill'],
  ['hot', 'border-top-color', 'text.hot', 'fill'],
  ['end', 'background-color', '.end > .box', 'fill'],
] as const;

describe.skipIf(browserPath === undefined)('the live page', () => {
  let browser: Browser;
  let relay: TestRelay;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    relay = await TestRelay.start({ inspectListen: { host: '127.0.0.1', port: 0 }, graceMs: 60_000 });
  });
  afterEach(() => relay.dispose());

  const openServer = async (): Promise<Page> => {
    const serverId = relay.peers.serverId();
    await relay.peers.binary(serverId);
    const { page } = await openPage(browser, `${relay.inspectUrl}#${serverId}`);
    await page.locator('#server-chart .current').waitFor();
    return page;
  };

  test('has a legend, whose colours are those of the chart, by day and by night', async () => {
    const page = await openServer();
    // Colours are compared, which change gradually otherwise.
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const entries = await page.locator('#legend li').allTextContents();
    expect(entries.map((entry) => entry.trim())).toEqual(LEGEND);
    expect(await page.locator('#legend li:visible').count()).toBe(LEGEND.length);
    // What was taken last stays marked as long as the page is paused.
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.locator('#server-chart text.lit').first().waitFor();
    await page.locator('#next li', { hasText: 'a binary dials' }).hover();
    await page.locator('#server-chart text.hot').first().waitFor();
    const colour = async (selector: string, property: string): Promise<string> =>
      await page.evaluate<string>(
        `getComputedStyle(document.querySelector('${selector}')).getPropertyValue('${property}')`,
      );
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const [swatch, side, inChart, property] of SWATCHES) {
        const shown = await colour(`#legend .${swatch}`, side);
        const drawn = await colour(`#server-chart ${inChart}`, property);
        expect(`${swatch} ${shown} ${colorScheme}`).toBe(`${swatch} ${drawn} ${colorScheme}`);
      }
    }
    await page.close();
  });

  test('links to its docs, which it serves itself', async () => {
    const page = await openServer();
    const link = page.getByRole('link', { name: 'Docs', exact: true });
    const url = new URL((await link.getAttribute('href')) ?? '', relay.inspectUrl);
    const response = await fetch(url);
    expect(response.status).toBe(200);
    expect((await response.text()) === DOCS, 'it serves another text').toBe(true);
    await link.click();
    await page.waitForURL(url.href);
    await page.close();
  });

  test('says what the recording is for, and what is not in it', async () => {
    const page = await openServer();
    const link = page.getByRole('link', { name: 'Save a recording', exact: true });
    const title = await link.getAttribute('title');
    for (const words of ['the recorded events', 'for a bug report', 'no frame, token, header or address']) {
      expect(title).toContain(words);
    }
    await page.close();
  });

  test('says "none" where there is nothing, and takes it back', async () => {
    const page = await openServer();
    const group = (title: string) => page.locator('.people', { has: page.locator('h4', { hasText: title }) });
    for (const title of ['in line (0)', 'phones (0 of 16)', 'wakes (0)']) {
      expect(await group(title).textContent()).toBe(`${title}none`);
    }
    expect(await group('binary').locator('.none').count()).toBe(0);
    const codes = page.locator('#tiles .none');
    expect(await codes.textContent()).toBe('none');
    // A phone that finds no binary is closed, and its close code is counted.
    await relay.peers.dialPhone('nobody-here').closed;
    await page.locator('#tiles li', { hasText: '4404 × 1' }).waitFor();
    expect(await codes.count()).toBe(0);
    // Nothing in the history fits what is asked for.
    await page.locator('#event-search').fill('no such event');
    await page.locator('#timeline', { hasText: 'none of this kind' }).waitFor();
    await page.close();
  });
});
