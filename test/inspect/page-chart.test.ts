/** The charts on the live page, in a real browser: what is seen of them, and that all of it can be read. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, launch, openPage } from '../support/browser.ts';
import { badLabels, paleTexts } from '../support/page-text.ts';
import { TestRelay } from '../support/relay.ts';

const SCREENS = [
  ['light', 1_440],
  ['dark', 1_440],
  ['light', 390],
  ['dark', 390],
] as const;

describe.skipIf(browserPath === undefined)('a chart on the live page', () => {
  let browser: Browser;
  let relay: TestRelay;
  beforeAll(async () => {
    browser = await launch();
    const inspectListen = { host: '127.0.0.1', port: 0 };
    relay = await TestRelay.start({ inspectListen, maxPhones: 2, graceMs: 60_000 });
  });
  afterAll(async () => {
    await browser.close();
    await relay.dispose();
  });

  test.each(SCREENS)('can be read, all of it: %s, %i wide', async (scheme, width) => {
    const serverId = relay.peers.serverId();
    await relay.peers.binary(serverId);
    await relay.peers.phone(serverId);
    const { page, faults } = await openPage(browser, `${relay.inspectUrl}#${serverId}`, scheme, width);
    await page.locator('#server-chart .state-server__claimed__held__live.current').waitFor();
    await page.locator('#connections button').first().click();
    await page.locator('#connection-chart .state-connection__open__fresh.current').waitFor();
    for (const figure of ['#server-chart', '#connection-chart']) {
      expect(await badLabels(page, figure)).toEqual([]);
    }
    expect(await paleTexts(page)).toEqual([]);
    // Nothing but the pictures themselves is wider than the screen.
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await page.locator('#back').click();
    await page.getByRole('row', { name: serverId }).waitFor();
    expect(await paleTexts(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('that is zoomed in on follows the current state, until somebody looks elsewhere', async () => {
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const narrow = await openPage(browser, `${relay.inspectUrl}#${serverId}`, 'light', 390);
    await narrow.page.emulateMedia({ reducedMotion: 'reduce' });
    /** Whether the current state is in the frame. */
    const isInView = async (): Promise<boolean> =>
      await narrow.page.evaluate<boolean>(`(() => {
        const box = document.querySelector('#server-chart .current > .box').getBoundingClientRect();
        const frame = document.querySelector('#server-chart .chart-frame').getBoundingClientRect();
        return box.top >= frame.top && box.bottom <= frame.bottom && box.left >= frame.left && box.right <= frame.right;
      })()`);
    const current = narrow.page.locator('#server-chart .current > .box');
    await current.waitFor();
    expect(await isInView()).toBe(true);
    expect((await current.boundingBox())?.height).toBeGreaterThan(20);

    // Zoomed in on one end, it follows to the other.
    const zoomIn = narrow.page.getByRole('button', { name: 'Zoom in' }).first();
    await zoomIn.click();
    expect(await isInView()).toBe(true);
    binary.ws.close();
    await narrow.page.locator('#server-chart .state-server__claimed__grace.current').waitFor();
    expect(await isInView()).toBe(true);

    // Whoever looks elsewhere is left alone, until he asks to follow again.
    await narrow.page.locator('#server-chart .chart-frame').focus();
    for (let i = 0; i < 12; i++) await narrow.page.keyboard.press('ArrowUp');
    const follow = narrow.page.getByRole('button', { name: 'Follow' }).first();
    expect(await follow.getAttribute('aria-pressed')).toBe('false');
    const isMoved = `document.querySelector('#server-chart svg').getAttribute('viewBox')`;
    await narrow.page.waitForFunction(
      `document.querySelector('#server-chart .current > .box').getBoundingClientRect().top >
       document.querySelector('#server-chart .chart-frame').getBoundingClientRect().bottom`,
    );
    const before = await narrow.page.evaluate(isMoved);
    await relay.peers.binary(serverId);
    await narrow.page.locator('#server-chart .state-server__claimed__held__live.current').waitFor();
    expect(await narrow.page.evaluate(isMoved)).toBe(before);
    await follow.click();
    expect(await isInView()).toBe(true);
    await narrow.page.close();
  });

  test('wholly shown, and too small to be read, is read with one press, around the current state or where it is clicked', async () => {
    const serverId = relay.peers.serverId();
    await relay.peers.binary(serverId);
    const { page } = await openPage(browser, `${relay.inspectUrl}#${serverId}`, 'light', 390);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.locator('#connections button').first().click();
    const frame = page.locator('#connection-chart .chart-frame');
    const current = page.locator('#connection-chart .state-connection__open__fresh.current > .name');
    await current.waitFor();
    /** Whether the name of the current state is in the frame, and how high it is. */
    const seen = async (): Promise<{ isIn: boolean; height: number }> => {
      const [around, name] = [await frame.boundingBox(), await current.boundingBox()];
      if (around === null || name === null) return { isIn: false, height: 0 };
      const isIn =
        name.x >= around.x &&
        name.x + name.width <= around.x + around.width &&
        name.y >= around.y &&
        name.y + name.height <= around.y + around.height;
      return { isIn, height: name.height };
    };
    expect((await seen()).height).toBeGreaterThan(9);
    await page
      .locator('#connection-chart')
      .getByRole('button', { name: 'Show what is in all states' })
      .click();
    expect((await seen()).height).toBeLessThan(9);
    await page.locator('#connection-chart').getByRole('button', { name: 'Zoom in' }).click();
    const read = await seen();
    expect(read.isIn).toBe(true);
    expect(read.height).toBeGreaterThan(11);

    await frame.focus();
    await page.keyboard.press('0');
    expect((await seen()).height).toBeLessThan(9);
    await current.dblclick();
    await expect.poll(async () => (await seen()).height).toBeGreaterThan(11);
    expect((await seen()).isIn).toBe(true);
    await page.close();
  });

  test('is panned with the mouse and zoomed with the wheel and Ctrl', async () => {
    const serverId = relay.peers.serverId();
    await relay.peers.binary(serverId);
    const { page } = await openPage(browser, `${relay.inspectUrl}#${serverId}`, 'light', 1_440);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const label = page.locator('#server-chart .state-server__claimed__grace > .name');
    await page.locator('#server-chart .current').waitFor();
    const frame = await page.locator('#server-chart .chart-frame').boundingBox();
    const [x, y] = [(frame?.x ?? 0) + 700, (frame?.y ?? 0) + 200];
    const whole = await label.boundingBox();
    await page.mouse.move(x, y);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -400);
    await page.keyboard.up('Control');
    await expect
      .poll(async () => (await label.boundingBox())?.width)
      .toBeGreaterThan((whole?.width ?? 0) * 1.5);
    const zoomed = await label.boundingBox();
    await page.mouse.down();
    await page.mouse.move(x - 60, y - 20, { steps: 4 });
    await page.mouse.up();
    await expect
      .poll(async () => Math.round((await label.boundingBox())?.x ?? 0))
      .toBe(Math.round((zoomed?.x ?? 0) - 60));
    await page.close();
  });

  test('is zoomed, panned and fitted with the keyboard', async () => {
    const serverId = relay.peers.serverId();
    await relay.peers.binary(serverId);
    const { page } = await openPage(browser, `${relay.inspectUrl}#${serverId}`, 'light', 1_440);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.locator('#server-chart .current').waitFor();
    const shown = async (): Promise<number[]> =>
      ((await page.locator('#server-chart svg').getAttribute('viewBox')) ?? '').split(' ').map(Number);
    const [x = 0, , width = 0] = await shown();
    await page.locator('#server-chart .chart-frame').focus();
    await page.keyboard.press('+');
    await expect.poll(async () => (await shown())[2]).toBeLessThan(width);
    const [zoomedX = x, , zoomedWidth] = await shown();
    await page.keyboard.press('ArrowRight');
    await expect.poll(async () => (await shown())[0]).toBeGreaterThan(zoomedX);
    await page.keyboard.press('+');
    await page.keyboard.press('-');
    await expect.poll(async () => (await shown())[2]).toBeCloseTo(zoomedWidth ?? 0, 3);
    await page.keyboard.press('0');
    await expect.poll(async () => (await shown())[2]).toBeCloseTo(width, 3);
    expect((await shown())[0]).toBeCloseTo(x, 3);
    await page.close();
  });

  test('lights the label of what was taken, and not the others of the same arrow', async () => {
    const serverId = relay.peers.serverId();
    await relay.peers.binary(serverId);
    const { page } = await openPage(browser, `${relay.inspectUrl}#${serverId}`, 'light', 1_440);
    await page.locator('#server-chart .current').waitFor();
    // A second binary: the first one is probed, and answers.
    await relay.peers.binary(serverId);
    const hook = 'edge-server__claimed__held__probing--binary__answered--0';
    await page.locator(`#server-chart text.${hook}.lit`).waitFor();
    expect(await page.locator(`#server-chart g.${hook}.lit`).count()).toBe(1);
    const others = await page.evaluate<string[]>(
      `[...document.querySelector('#server-chart g.${hook}').querySelectorAll('text:not(.${hook})')].map((text) => text.getAttribute('class'))`,
    );
    expect(others).toHaveLength(3);
    expect(others.filter((classes) => classes.includes('lit'))).toEqual([]);
    expect(await badLabels(page, '#server-chart')).toEqual([]);
    expect(await paleTexts(page)).toEqual([]);
    await page.close();
  });
});
