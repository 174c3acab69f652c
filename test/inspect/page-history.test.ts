/** The history of a server-id on the live page, in a real browser: its past, its countdowns, and time travel. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { browserPath, launch, openPage } from '../support/browser.ts';
import { TestRelay } from '../support/relay.ts';

describe.skipIf(browserPath === undefined)('the history of a server-id', () => {
  let browser: Browser;
  let relay: TestRelay;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    const inspectListen = { host: '127.0.0.1', port: 0 };
    relay = await TestRelay.start({ inspectListen, maxPhones: 2, graceMs: 60_000 });
  });
  afterEach(() => relay.dispose());

  const serverId = 'with-a-past';
  const open = async (): Promise<{ page: Page; faults: readonly string[] }> =>
    await openPage(browser, `${relay.inspectUrl}#${serverId}`);
  const badge = (page: Page, state: string): Locator => page.locator('#server-state', { hasText: state });

  test('begins with what happened before the page was opened', async () => {
    const binary = await relay.peers.binary(serverId);
    await relay.peers.knownPhone(serverId, binary);
    binary.ws.close();
    await relay.logged('server_released');
    const { page, faults } = await open();
    await page.locator('#timeline li', { hasText: 'binary 1 → server: binary.left' }).waitFor();
    const entries = await page.locator('#timeline li .route').allTextContents();
    expect(entries.map((entry) => entry.trim())).toEqual([
      'binary 1 → server:',
      'server → phone A:',
      'directory → server:',
      'server → binary 1:',
      'directory → server:',
    ]);
    expect(await page.locator('#sequence .message').count()).toBe(5);
    expect(await page.locator('#sequence .title:visible').allTextContents()).toEqual(
      expect.arrayContaining(['server', 'binary 1', 'phone A']),
    );
    // What happens next is added to it, once.
    await relay.peers.binary(serverId);
    await page.locator('#timeline li', { hasText: 'server → binary 2: admit reclaim' }).waitFor();
    expect(await page.locator('#timeline li', { hasText: 'binary.left' }).count()).toBe(1);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('says what the state means, what can happen next, and how long each timer still runs', async () => {
    const binary = await relay.peers.binary(serverId);
    await relay.peers.phone(serverId);
    binary.ws.close();
    await relay.logged('server_released');
    const { page } = await open();
    await badge(page, 'grace').waitFor();
    await page.locator('#server-meaning', { hasText: 'The binary has left.' }).waitFor();
    const grace = page.locator('#next li', { hasText: 'no binary comes back in time' });
    expect(await grace.locator('.goal').textContent()).toBe('→ released');
    const left = async (): Promise<number> =>
      await page.evaluate<number>(`document.querySelector('#next progress').value`);
    const first = await left();
    expect(first).toBeLessThanOrEqual(60_000);
    await expect.poll(left).toBeLessThan(first);
    expect(await grace.locator('.left').textContent()).toMatch(/^\d+ s$/);
    const phone = page.locator('#connections button', { hasText: 'phone A' });
    expect(await phone.locator('.timer').textContent()).toBe('firstHeartbeat');
    expect(await page.locator('#connections').textContent()).toContain('in line (0)none');
    // The cause that is pointed at marks its transition in the chart.
    await page.locator('#next li', { hasText: 'a binary dials' }).hover();
    await page.locator('#server-chart text.edge-server__claimed__grace--binary__claimed--0.hot').waitFor();
    await page.close();
  });

  test('stops at now, steps back and forth, and returns', async () => {
    const binary = await relay.peers.binary(serverId);
    await relay.peers.phone(serverId);
    const { page, faults } = await open();
    await badge(page, 'live').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page
      .locator('#step', { hasText: '2 of 2: directory → server: phone.registered phone A' })
      .waitFor();

    // The relay goes on; the page does not.
    binary.ws.close();
    await relay.logged('server_released');
    await page.keyboard.press('ArrowLeft');
    await page.locator('#step', { hasText: '1 of 2: directory → server: binary.claimed binary 1' }).waitFor();
    expect(await page.locator('#server-state').textContent()).toBe('live');
    await page.getByText('phones (0 of 2)').waitFor();
    expect(await page.locator('#sequence .message').count()).toBe(2);
    expect(await page.locator('#server-chart text.lit').count()).toBe(1);
    await page.keyboard.press('ArrowRight');
    await page.locator('#step', { hasText: '2 of 2' }).waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.locator('#step', { hasText: '1 of 2' }).waitFor();
    await page.locator('#earlier').click();
    await page.locator('#step', { hasText: '0 of 2: before the first recorded event' }).waitFor();
    await badge(page, 'unclaimed').waitFor();
    await page.locator('#timeline li').first().click();
    await page.locator('#step', { hasText: '2 of 2' }).waitFor();
    expect(await page.locator('#timeline').textContent()).not.toContain('binary.left');

    await page.getByRole('button', { name: 'Return to now' }).click();
    await badge(page, 'grace').waitFor();
    await page.locator('#step', { hasText: 'now, as it happens' }).waitFor();
    await page.locator('#timeline li', { hasText: 'binary.left' }).waitFor();
    expect(await page.locator('#sequence').textContent()).toContain('binary.left');

    // A step back from now stops, too.
    await page.locator('#earlier').click();
    await page.locator('#step', { hasText: '2 of 3' }).waitFor();
    await badge(page, 'live').waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });

  test('an arrow and the transition that it caused show each other, by mouse and by keyboard', async () => {
    await relay.peers.binary(serverId);
    await relay.peers.phone(serverId);
    const { page } = await open();
    await badge(page, 'live').waitFor();
    const label = page.locator('#server-chart text.edge-server__claimed--phone__registered--0');
    const arrow = page.locator('#sequence .message', { hasText: 'phone.registered' });
    const entry = page.locator('#timeline li', { hasText: 'phone.registered' });
    await arrow.locator('text').first().hover();
    await label.and(page.locator('.hot')).waitFor();
    await label.hover();
    await arrow.and(page.locator('.hot')).waitFor();
    expect(await entry.getAttribute('class')).toContain('hot');
    await page.mouse.move(0, 0);
    await expect.poll(() => page.locator('.hot:not(.swatch)').count()).toBe(0);

    // Tab reaches the last arrow, and the arrow keys the others.
    const last = page.locator('#sequence .message[tabindex="0"]');
    await last.focus();
    const up = async (): Promise<unknown> => {
      await page.keyboard.press('ArrowUp');
      return await page.evaluate('document.activeElement.getAttribute("aria-label")');
    };
    while (!String(await up()).includes('phone.registered'));
    await label.and(page.locator('.hot')).waitFor();
    await page.locator('#server-chart text[tabindex="0"]').focus();
    const next = async (): Promise<unknown> => {
      await page.keyboard.press('ArrowDown');
      return await page.evaluate('document.activeElement.getAttribute("class")');
    };
    while (!String(await next()).includes('edge-server__claimed--phone__registered--0'));
    await arrow.and(page.locator('.hot')).waitFor();
    await page.close();
  });
});
