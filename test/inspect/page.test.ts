/** The live page in a real browser, against a real relay with real binaries and phones. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { browserPath, launch, openPage } from '../support/browser.ts';
import { TestRelay } from '../support/relay.ts';
import { headerText, UNSEEN } from '../support/unseen.ts';

const loopback = { host: '127.0.0.1', port: 0 };

if (browserPath === undefined) console.log('no browser is installed: the tests of the live page are skipped');

describe.skipIf(browserPath === undefined)('the live page', () => {
  let browser: Browser;
  let relay: TestRelay;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    relay = await TestRelay.start({ inspectListen: loopback, maxPhones: 2, graceMs: 60_000 });
  });
  afterEach(() => relay.dispose());

  test('shows claim, register, cap, grace and reclaim of a server-id as they happen', async () => {
    const { page, faults } = await openPage(browser, relay.inspectUrl);
    await page.getByText('No server-id yet').waitFor();
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const row = page.getByRole('row', { name: serverId });
    await row.filter({ hasText: 'live' }).waitFor();
    expect(await page.locator('#tile-binaries').textContent()).toBe('1');

    await row.click();
    const chart = page.locator('#server-chart');
    await chart.locator('.state-server__claimed__held__live.on').waitFor();
    const badge = page.locator('#server-state');
    expect(await badge.textContent()).toBe('live');

    const { connId } = await relay.peers.knownPhone(serverId, binary);
    const second = await relay.peers.phone(serverId);
    const refused = await relay.peers.phone(serverId);
    expect((await refused.closed).code).toBe(4429);
    const timeline = page.locator('#timeline');
    await timeline.locator('.refused', { hasText: 'refuse 4429' }).waitFor();
    await page.getByText('phones (2 of 2)').waitFor();
    await page.locator('#connections').getByText(connId).waitFor();
    await page.locator('#sequence .refused text', { hasText: 'refuse 4429' }).waitFor();
    await page.locator('#sequence .to-socket text', { hasText: 'discard.due, close.due 4429' }).waitFor();
    await page.locator('#show-sockets').uncheck();
    expect(await page.locator('#sequence .to-socket, #sequence .from-socket').count()).toBe(0);
    expect(await page.locator('#tile-phones').textContent()).toBe('2');

    await page.locator('#connections button', { hasText: connId }).click();
    await page.locator('#connection-chart .state-connection__open__fresh.on').waitFor();

    binary.ws.close();
    await chart.locator('.state-server__claimed__grace.on').waitFor();
    await badge.filter({ hasText: 'grace' }).waitFor();
    await page.locator('#tile-grace', { hasText: '1' }).waitFor();
    expect(await page.locator('#by-state').textContent()).toBe('1 grace');
    expect(await page.locator('#next').textContent()).toContain('no binary comes back in time');

    await relay.peers.binary(serverId);
    expect((await second.closed).code).toBe(4404);
    await badge.filter({ hasText: 'live' }).waitFor();
    await timeline.getByText('binary.claimed').first().waitFor();
    await timeline.getByText('close 4404 reclaimed').first().waitFor();

    await page.locator('#event-search').fill('phone.registered');
    expect(await timeline.locator('li').count()).toBe(3);
    await page.keyboard.press('Escape');
    await page.locator('#overview').waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });

  test('highlights the transition that was taken', async () => {
    const serverId = relay.peers.serverId();
    await relay.peers.binary(serverId);
    const { page } = await openPage(browser, `${relay.inspectUrl}#${serverId}`);
    await page.locator('#server-chart .state-server__claimed__held__live.on').waitFor();
    await relay.peers.phone(serverId);
    await page.locator('#server-chart .edge-server__claimed--phone__registered--0.lit').first().waitFor();
    await page.close();
  });

  test('says whether wakes can be sent', async () => {
    const { page } = await openPage(browser, relay.inspectUrl);
    await page.locator('#push-state', { hasText: 'push is off' }).waitFor();
    expect(await page.locator('#tile-wakes').textContent()).toBe('0');
    await page.close();
  });

  test('works with the keyboard alone', async () => {
    const ids = ['anna', 'berta', 'carla'];
    for (const id of ids) await relay.peers.binary(id);
    const { page, faults } = await openPage(browser, relay.inspectUrl);
    await page.getByRole('row', { name: 'carla' }).waitFor();
    const focused = async (): Promise<unknown> => await page.evaluate('document.activeElement.id');

    // A key searches, and Enter opens what was found.
    await page.keyboard.press('/');
    expect(await focused()).toBe('search');
    await page.keyboard.type('ber');
    await page.locator('#shown', { hasText: '1 of 3' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'berta' }).waitFor();
    expect(await focused()).toBe('back');
    await page.keyboard.press('Escape');
    await page.getByRole('row', { name: 'berta' }).waitFor();
    expect(await focused()).toBe('table');

    // Escape ends the search. From its box, the arrow keys select.
    await page.keyboard.press('/');
    await page.keyboard.press('Escape');
    await page.locator('#shown', { hasText: /^3$/ }).waitFor();
    expect(await focused()).toBe('table');
    await page.keyboard.press('/');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.getByRole('row', { name: 'carla', selected: true }).waitFor();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'berta' }).waitFor();
    await page.keyboard.press('Escape');

    // So they do from the table.
    await page.getByRole('row', { name: 'anna' }).waitFor();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'anna' }).waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });

  test('keeps the selected row when the stream begins anew', async () => {
    for (const id of ['anna', 'berta', 'carla']) await relay.peers.binary(id);
    const { page } = await openPage(browser, relay.inspectUrl);
    await page.getByRole('row', { name: 'carla' }).waitFor();
    await page.locator('#table').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'berta' }).waitFor();
    await page.keyboard.press('Escape');
    // What the new stream brings first is shown when a row that came after it is.
    await relay.peers.binary('dora');
    await page.getByRole('row', { name: 'dora' }).waitFor();
    expect(await page.locator('#rows a.selected span:first-child').allTextContents()).toEqual(['berta']);
    await page.close();
  });

  test('escapes what cannot be seen in a server-id, and still follows and finds it', async () => {
    const name = '\u202egnp.\u0085\\desk';
    const shown = '\\u202egnp.\\u0085\\\\desk';
    const serverId = headerText(name);
    await relay.peers.binary(serverId);
    const { page, faults } = await openPage(browser, relay.inspectUrl);
    const cell = page.locator('#rows a span').first();
    await cell.filter({ hasText: shown }).waitFor();
    expect(await cell.textContent()).toBe(shown);
    await page.locator('#search').fill('\\u202e');
    await page.locator('#shown', { hasText: '1' }).waitFor();
    await cell.click();
    await page.locator('#server-name', { hasText: shown }).waitFor();
    await page.locator('#server-chart .state-server__claimed__held__live.on').waitFor();
    await relay.peers.phone(serverId);
    await page.locator('#sequence text', { hasText: 'admit registration' }).waitFor();
    expect(await page.evaluate('document.documentElement.textContent')).not.toMatch(UNSEEN);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('sorts and filters', async () => {
    const busy = await relay.peers.binary('busy');
    await relay.peers.binary('calm');
    await relay.peers.phone('busy');
    await relay.peers.phone('busy');
    const { page } = await openPage(browser, relay.inspectUrl);
    await page.getByRole('row', { name: 'calm' }).waitFor();
    await page.getByRole('columnheader', { name: 'phones' }).click();
    expect(await page.locator('#rows a').first().textContent()).toContain('busy');
    await page.getByRole('columnheader', { name: 'phones' }).click();
    expect(await page.locator('#rows a').first().textContent()).toContain('calm');
    busy.ws.close();
    await page.locator('#state-filter').selectOption('grace');
    await page.locator('#shown', { hasText: '1 of 2' }).waitFor();
    await page.close();
  });

  test('reconnects by itself when the relay restarts', async () => {
    const { page } = await openPage(browser, relay.inspectUrl);
    await page.locator('#relay-state', { hasText: 'serving' }).waitFor();
    const { port } = new URL(relay.inspectUrl);
    await relay.dispose();
    await page.getByText('The relay does not answer').waitFor();
    await page.locator('#relay-state', { hasText: 'unknown' }).waitFor();
    relay = await TestRelay.start({ inspectListen: { host: '127.0.0.1', port: Number(port) } });
    await relay.peers.binary('after-the-restart');
    await page.getByRole('row', { name: 'after-the-restart' }).waitFor();
    expect(await page.getByText('The relay does not answer').isVisible()).toBe(false);
    await page.close();
  });

  test.each(['light', 'dark'] as const)('is legible on a %s page', async (scheme) => {
    await relay.peers.binary('legible');
    const { page } = await openPage(browser, relay.inspectUrl, scheme);
    await page.getByRole('row', { name: 'legible' }).waitFor();
    const luminance = async (selector: string, property: string): Promise<number> => {
      const text = `getComputedStyle(document.querySelector('${selector}')).${property}.match(/\\d+/g).slice(0, 3).map(Number)`;
      const [r = 0, g = 0, b = 0] = await page.evaluate<number[]>(text);
      return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
    };
    const ink = await luminance('h1 a', 'color');
    const paper = await luminance('html', 'backgroundColor');
    expect(scheme === 'dark' ? ink - paper : paper - ink).toBeGreaterThan(0.6);
    await page.close();
  });
});

describe.skipIf(browserPath === undefined)('the live page with 10,000 server-ids', () => {
  test('scrolls and searches with few rows in the document', async () => {
    const browser = await launch();
    const relay = await TestRelay.start({ inspectListen: loopback, graceMs: 600_000 });
    // Binaries claim and disconnect: a server-id in grace needs no socket.
    for (let i = 0; i < 100; i++) {
      await Promise.all(
        Array.from({ length: 100 }, async (_, j) => {
          const binary = await relay.peers.binary(`bulk-${i * 100 + j}`);
          binary.ws.terminate();
        }),
      );
    }
    const { page, faults } = await openPage(browser, relay.inspectUrl);
    await page.locator('#shown', { hasText: '10,000' }).waitFor();
    // However far it is scrolled, only the rows in view are drawn.
    const mostRows = await page.evaluate(`new Promise((resolve) => {
      const view = document.getElementById('viewport');
      let most = 0, frames = 0;
      const step = () => {
        most = Math.max(most, document.querySelectorAll('#rows a').length);
        view.scrollTop += 2500;
        if (++frames < 90) requestAnimationFrame(step); else resolve(most);
      };
      requestAnimationFrame(step);
    })`);
    expect(mostRows).toBeGreaterThan(0);
    expect(mostRows).toBeLessThan(80);
    await page.locator('#search').fill('bulk-9876');
    await page.locator('#shown', { hasText: '1 of 10,000' }).waitFor();
    expect(faults).toEqual([]);
    await browser.close();
    await relay.dispose();
  });
});
