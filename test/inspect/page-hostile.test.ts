/** Server-ids, addresses and steps that nobody would choose in good faith, in a real browser. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, launch, openPage } from '../support/browser.ts';
import { TestRelay } from '../support/relay.ts';

/** What a header can carry, and markup, an address or a property of an object has a meaning for. */
const SERVER_IDS = [
  '<img src=x onerror=alert(1)>',
  '100%',
  'a#b?c&d/..',
  '__proto__',
  '"\'`;',
  'x'.repeat(64),
];
const NOT_ENCODED = ['#%E0%A4%A', '#%zz'];
const LONG = 'x'.repeat(5_000);

describe.skipIf(browserPath === undefined)('the live page is not confused', () => {
  let browser: Browser;
  let relay: TestRelay;
  beforeAll(async () => {
    browser = await launch();
    relay = await TestRelay.start({ inspectListen: { host: '127.0.0.1', port: 0 }, graceMs: 60_000 });
    for (const serverId of SERVER_IDS) await relay.peers.binary(serverId);
  });
  afterAll(async () => {
    await browser.close();
    await relay.dispose();
  });

  test('by the names of server-ids', async () => {
    const { page, faults } = await openPage(browser, relay.inspectUrl, 'light', 390);
    const overflow = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
    for (const serverId of SERVER_IDS) {
      await page.locator('#search').fill(serverId);
      await page.locator('#shown', { hasText: /^1 of/ }).waitFor();
      await page.locator('#rows a').click();
      await page.locator('#server-state', { hasText: 'live' }).waitFor();
      expect(await page.locator('#server-name').textContent()).toBe(serverId);
      expect(await page.title()).toBe(`${serverId} · pyrycode-relay`);
      expect([serverId, await page.evaluate(overflow)]).toEqual([serverId, false]);
      // Its address is good for as long as the relay is.
      await page.reload();
      await page.locator('#server-state', { hasText: 'live' }).waitFor();
      expect(await page.locator('#server-name').textContent()).toBe(serverId);
      await page.keyboard.press('Escape');
      await page.locator('#search').waitFor();
      expect(await page.title()).toBe('pyrycode-relay');
    }
    expect(faults).toEqual([]);
    await page.close();
  });

  test.each(NOT_ENCODED)('by an address that says nothing: %s', async (address) => {
    const { page, faults } = await openPage(browser, `${relay.inspectUrl}${address}`);
    await page.locator('#tile-servers', { hasText: String(SERVER_IDS.length) }).waitFor();
    expect(await page.locator('#detail').isVisible()).toBe(false);
    expect(await page.locator('#rows a').count()).toBe(SERVER_IDS.length);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('by a server-id that is longer than any can be', async () => {
    const { page, faults } = await openPage(browser, `${relay.inspectUrl}#${LONG}`, 'light', 390);
    await page.locator('#server-state', { hasText: 'released' }).waitFor();
    // Nothing can happen any more.
    expect(await page.locator('#next').textContent()).toBe('none');
    expect(
      await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth'),
    ).toBe(false);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('by going back and forth', async () => {
    const { page, faults } = await openPage(browser, relay.inspectUrl);
    for (const serverId of ['100%', '__proto__']) {
      await page.locator('#search').fill(serverId);
      await page.locator('#shown', { hasText: /^1 of/ }).waitFor();
      await page.locator('#rows a').click();
      await page.locator('#server-state', { hasText: 'live' }).waitFor();
      await page.goBack();
      await page.locator('#overview').waitFor();
      expect(await page.locator('#detail').isVisible()).toBe(false);
      // What was searched is there still.
      expect(await page.locator('#search').inputValue()).toBe(serverId);
      await page.goForward();
      await page.locator('#server-state', { hasText: 'live' }).waitFor();
      expect(await page.locator('#server-name').textContent()).toBe(serverId);
      await page.goBack();
      await page.locator('#overview').waitFor();
    }
    expect(faults).toEqual([]);
    await page.close();
  });
});
