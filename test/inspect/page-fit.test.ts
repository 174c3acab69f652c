/** Each chart of the live page is whole when it is first seen, whatever the screen, in a real browser. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, isOnScreen, launch, openPage } from '../support/browser.ts';
import { TestRelay } from '../support/relay.ts';
import { ScriptedPush, wakeText } from '../support/scripted-push.ts';

const WIDTHS = [390, 768, 1_024, 1_280, 1_920];

/** Which sides of the chart in this figure are cut off, and whether a part of it is below or above the screen. */
const cutOff = async (page: Page, figure: string): Promise<readonly string[]> =>
  await page.evaluate<readonly string[]>(`(() => {
    const frame = document.querySelector('${figure} .chart-frame').getBoundingClientRect();
    const drawn = document.querySelector('${figure} .chart-frame svg .group').getBoundingClientRect();
    const cut = [];
    if (drawn.width < frame.width * 0.4 && drawn.height < frame.height * 0.4) cut.push('tiny');
    for (const side of ['left', 'top']) if (drawn[side] < frame[side]) cut.push(side);
    for (const side of ['right', 'bottom']) if (drawn[side] > frame[side]) cut.push(side);
    if (frame.height > innerHeight) cut.push('higher than the screen');
    return cut;
  })()`);

describe.skipIf(browserPath === undefined)('a chart on the live page is whole', () => {
  let browser: Browser;
  let relay: TestRelay;
  const push = new ScriptedPush();
  // A wake that is never answered stays to be looked at.
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

  test.each(WIDTHS)('when it opens and when it is chosen: %i wide', async (width) => {
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    await relay.peers.phone(serverId);
    binary.send(wakeText(`token-${width}`));
    const { page, faults } = await openPage(browser, `${relay.inspectUrl}#${serverId}`, 'light', width);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.locator('#server-chart .state-server__claimed__held__live.current').waitFor();
    expect(await cutOff(page, '#server-chart')).toEqual([]);

    await page.locator('#connections button', { hasText: 'binary 1' }).click();
    await page.locator('#connection-chart .state-connection__open.on').waitFor();
    expect(await cutOff(page, '#connection-chart')).toEqual([]);
    expect(await isOnScreen(page, '#connection-chart .chart-frame')).toBe(true);

    // Another is whole again, whatever was looked at before.
    await page.locator('#connection-chart').getByRole('button', { name: 'Zoom in' }).click();
    expect(await cutOff(page, '#connection-chart')).not.toEqual([]);
    await page.locator('#connections button', { hasText: 'phone A' }).click();
    await page.locator('#connection-name', { hasText: 'phone A' }).waitFor();
    expect(await cutOff(page, '#connection-chart')).toEqual([]);

    await page.locator('#connections button', { hasText: 'wake' }).click();
    await page.locator('#wake-chart .state-wake__delivering.on').waitFor();
    expect(await cutOff(page, '#wake-chart')).toEqual([]);
    expect(await isOnScreen(page, '#wake-chart .chart-frame')).toBe(true);

    await page.locator('#back').click();
    await page.getByText('The charts of the relay and of push').click();
    for (const name of ['relay', 'push']) {
      await page.locator(`#${name}-chart .current`).waitFor();
      expect(await cutOff(page, `#${name}-chart`)).toEqual([]);
    }
    expect(faults).toEqual([]);
    await page.close();
  });

  test('stays so when the screen is turned, and is laid out for it', async () => {
    const serverId = relay.peers.serverId();
    await relay.peers.binary(serverId);
    const { page } = await openPage(browser, `${relay.inspectUrl}#${serverId}`, 'light', 1_280);
    const name = page.locator('#server-chart .current > .name');
    await name.waitFor();
    for (const [width, height, least] of [
      [390, 844, 9],
      // Too low to read a whole chart: it is whole all the same.
      [844, 390, 4],
      [1_280, 900, 9],
    ] as const) {
      await page.setViewportSize({ width, height });
      await expect.poll(async () => (await name.boundingBox())?.height).toBeGreaterThan(least);
      await expect.poll(() => cutOff(page, '#server-chart')).toEqual([]);
    }
    await page.close();
  });
});
