/** The picture of the whole on the live page, in a real browser. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { browserPath, launch, openPage } from '../support/browser.ts';
import { TestRelay } from '../support/relay.ts';

/** How many pixels of the picture have the colour of this variable of the style sheet. */
const pixelsOf = async (page: Page, name: string): Promise<number> =>
  await page.evaluate<number>(`(() => {
    const canvas = document.getElementById('grid');
    const probe = document.createElement('canvas').getContext('2d');
    probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--${name}');
    probe.fillRect(0, 0, 1, 1);
    const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255 && data[i] === r && data[i + 1] === g && data[i + 2] === b) count++;
    return count;
  })()`);

describe.skipIf(browserPath === undefined)('the picture of the whole', () => {
  test.each(['light', 'dark'] as const)('shows states and phones as they change: %s', async (scheme) => {
    const browser = await launch();
    const inspectListen = { host: '127.0.0.1', port: 0 };
    const relay = await TestRelay.start({ inspectListen, maxPhones: 2, graceMs: 60_000 });
    await relay.peers.binary('first');
    const binary = await relay.peers.binary('second');
    const { page, faults } = await openPage(browser, relay.inspectUrl, scheme);
    await page.getByRole('row', { name: 'second' }).waitFor();
    // Squares of 28 pixels with a gap of 2.
    const square = 28 * 28;
    await expect.poll(() => pixelsOf(page, 'live')).toBe(2 * square);
    expect([await pixelsOf(page, 'grace'), await pixelsOf(page, 'dot')]).toEqual([0, 0]);

    await relay.peers.phone('second');
    await expect.poll(() => pixelsOf(page, 'dot')).toBeGreaterThan(5);
    const dot = await pixelsOf(page, 'dot');
    expect(await pixelsOf(page, 'live')).toBe(2 * square - dot);
    binary.ws.close();
    await expect.poll(() => pixelsOf(page, 'grace')).toBe(square - dot);
    expect(await pixelsOf(page, 'live')).toBe(square);

    // Whichever of the two came first has the first square.
    const says = page.locator('#whole-at');
    await page.locator('#grid').hover({ position: { x: 14, y: 14 } });
    const one = await says.textContent();
    await page.locator('#grid').hover({ position: { x: 44, y: 14 } });
    expect([one, await says.textContent()].toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
      'first: live, 0 phones',
      'second: grace, 1 phone',
    ]);
    await page.locator('#grid').click({ position: { x: 14, y: 14 } });
    await page.getByRole('heading', { name: String(one).split(':')[0] ?? '' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => pixelsOf(page, 'grace')).toBe(square - dot);
    expect(faults).toEqual([]);
    await browser.close();
    await relay.dispose();
  });
});
