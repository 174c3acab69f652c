/** What is seen first on the live page, and that nothing of it is cut off or covered, in a real browser. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, isOnScreen, launch, openPage } from '../support/browser.ts';
import { TestRelay } from '../support/relay.ts';
import { ScriptedPush, wakeText } from '../support/scripted-push.ts';

const SCREENS = [390, 768, 1_024, 1_440];

/** Texts and buttons that leave the screen or their box to the right, and buttons that something else covers. */
const faultsOf = async (page: Page): Promise<readonly string[]> =>
  await page.evaluate<readonly string[]>(`(() => {
    const bad = [];
    const nameOf = (part) => '#' + (part.closest('[id]')?.id ?? '') + ': ' + part.textContent.trim().slice(0, 40);
    const shown = (selector) => [...document.querySelectorAll(selector)].filter((part) => part.checkVisibility());
    for (const part of shown('button, a, h2, h3, p, output, .badge, figcaption, label, #legend li, .tile')) {
      const { left, right } = part.getBoundingClientRect();
      if (left < 0 || right > document.documentElement.clientWidth + 1) bad.push('off the screen, ' + nameOf(part));
      if (part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).overflow !== 'visible') bad.push('cut, ' + nameOf(part));
    }
    for (const figure of shown('figure')) {
      const { right } = figure.getBoundingClientRect();
      for (const part of figure.querySelectorAll('button, figcaption')) {
        if (part.getBoundingClientRect().right > right) bad.push('out of its figure, ' + nameOf(part));
      }
    }
    const solid = shown('button, a, h2, h3, .badge, .tile, figcaption, .chart-frame, #legend li, #timeline, #next, #connections, #sequence');
    for (const [i, one] of solid.entries()) {
      const a = one.getBoundingClientRect();
      for (const other of solid.slice(i + 1)) {
        if (one.contains(other) || other.contains(one)) continue;
        const b = other.getBoundingClientRect();
        const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        // What a list scrolls away is behind its border.
        const isScrolled = [one, other].some((part) => part.parentElement.closest('#connections, #timeline, #next, #viewport'));
        if (width > 1 && height > 1 && !isScrolled) bad.push(nameOf(one) + ' over ' + nameOf(other));
      }
    }
    return bad;
  })()`);

describe.skipIf(browserPath === undefined)('the live page', () => {
  let browser: Browser;
  let relay: TestRelay;
  const push = new ScriptedPush();
  push.answerTo = () => undefined;
  beforeAll(async () => {
    browser = await launch();
    const inspectListen = { host: '127.0.0.1', port: 0 };
    relay = await TestRelay.start({ inspectListen, pushProvider: push, graceMs: 60_000 });
  });
  afterAll(async () => {
    await browser.close();
    await relay.dispose();
  });

  const story = async (): Promise<string> => {
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    await relay.peers.phone(serverId);
    binary.send(wakeText(`token-${serverId}`));
    return serverId;
  };

  test.each(SCREENS)('cuts nothing off and covers nothing: %i wide', async (width) => {
    const serverId = await story();
    const { page, faults } = await openPage(browser, `${relay.inspectUrl}#${serverId}`, 'light', width);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.locator('#server-chart .current').waitFor();
    for (const who of ['phone A', 'wake']) {
      await page.locator('#connections button', { hasText: who }).click();
      await page.locator(`${who === 'wake' ? '#wake-chart' : '#connection-chart'} .current`).waitFor();
      expect(await faultsOf(page)).toEqual([]);
    }
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.locator('#step', { hasText: '2 of 2' }).waitFor();
    // What an event says may be longer than its line; the history says it whole.
    expect((await faultsOf(page)).filter((fault) => !fault.startsWith('cut, #step'))).toEqual([]);
    await page.locator('#back').click();
    await page.getByText('The charts of the relay and of push').click();
    for (const name of ['relay', 'push']) await page.locator(`#${name}-chart .current`).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('leads from its first sight to the chart, the state and the history of one server-id', async () => {
    const serverId = await story();
    const { page } = await openPage(browser, relay.inspectUrl, 'light', 1_440);
    await page.getByText('Open a server-id to see its chart, its current state and its history.').waitFor();
    await page.getByRole('row', { name: serverId }).click();
    await page.locator('#server-chart .current').waitFor();
    await page.locator('#timeline li').first().waitFor();
    for (const part of ['#server-state', '#server-meaning', '#server-chart', '#history']) {
      expect([part, await isOnScreen(page, part)]).toEqual([part, true]);
    }
    await page.close();
  });

  test.each([390, 1_024])('leads to what is below the screen: %i wide', async (width) => {
    const serverId = await story();
    const { page } = await openPage(browser, `${relay.inspectUrl}#${serverId}`, 'light', width);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.locator('#timeline li').first().waitFor();
    expect(await isOnScreen(page, '#server-state')).toBe(true);
    const parts = {
      History: '#history h3',
      'What next': '#what-next h3',
      'Who is here': '#people h3',
      Sequence: '#sequence-section h3',
    };
    for (const [name, part] of Object.entries(parts)) {
      await page.getByRole('button', { name, exact: true }).click();
      expect([name, await isOnScreen(page, part)]).toEqual([name, true]);
    }
    expect(await page.evaluate('location.hash')).toBe(`#${serverId}`);
    await page.close();
  });

  test('shows a server-id whole in the table on a narrow screen', async () => {
    await relay.peers.binary('demo-machine');
    const { page } = await openPage(browser, relay.inspectUrl, 'light', 390);
    await page.locator('#search').fill('demo-machine');
    await page.locator('#shown', { hasText: /^1( of|$)/ }).waitFor();
    const cut = await page.evaluate<string[]>(`[...document.querySelectorAll('#rows a > *')]
      .filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent)`);
    expect(await page.locator('#rows a').count()).toBe(1);
    expect(cut).toEqual([]);
    await page.close();
  });

  test('leaves no room for rows that are not there', async () => {
    await story();
    const { page } = await openPage(browser, relay.inspectUrl, 'light', 1_440);
    await page.locator('#rows a').first().waitFor();
    const rows = await page.locator('#rows a').count();
    expect((await page.locator('#viewport').boundingBox())?.height).toBe(rows * 30);
    await page.close();
  });

  test('says nothing of a server-id before the relay has told', async () => {
    const serverId = await story();
    const page = await browser.newPage();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/events?*', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(`${relay.inspectUrl}#${serverId}`);
    await page.locator('#server-chart .state').first().waitFor();
    expect(await page.locator('#server-state').textContent()).toBe('connecting');
    expect(await page.locator('#server-meaning').textContent()).toBe('The relay has not told its state yet.');
    expect(await page.locator('#server-chart .current').count()).toBe(0);
    release();
    await page.locator('#server-state', { hasText: 'live' }).waitFor();
    await page.close();
  });
});
