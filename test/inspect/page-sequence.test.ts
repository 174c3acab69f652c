/** The sequence of a server-id on the live page, in a real browser: its lanes and their titles. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { browserPath, launch, openPage } from '../support/browser.ts';
import { TestRelay } from '../support/relay.ts';

describe.skipIf(browserPath === undefined)('the sequence of a server-id', () => {
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

  const serverId = 'with-lanes';
  const open = async (): Promise<{ page: Page; faults: readonly string[] }> =>
    await openPage(browser, `${relay.inspectUrl}#${serverId}`);

  test('a lane begins where nothing crosses its title', async () => {
    const binary = await relay.peers.binary(serverId);
    const { page } = await open();
    await page.locator('#server-state', { hasText: 'live' }).waitFor();
    // The third phone takes the lane of the first, right after an arrow to the second has crossed it.
    const first = await relay.peers.phone(serverId);
    const second = await relay.peers.knownPhone(serverId, binary);
    first.ws.terminate();
    await binary.nextEnvelope();
    binary.send(JSON.stringify({ conn_id: second.connId, frame: {}, close_code: 4401 }));
    expect((await second.phone.closed).code).toBe(4401);
    await relay.peers.phone(serverId);
    await page.locator('#sequence .message', { hasText: 'admit registration' }).nth(2).waitFor();
    await page.locator('#show-sockets').uncheck();
    // Those that have left end there, and free their lanes.
    expect(await page.locator('#sequence .end').count()).toBe(2);
    const crossed = await page.evaluate<string[]>(`(() => {
      const titles = [...document.querySelectorAll('#sequence > svg:not(.heads) .title')];
      const drawn = [...document.querySelectorAll('#sequence .message text, #sequence .message .arrow')];
      return titles.flatMap((title) => {
        const a = title.getBoundingClientRect();
        return drawn.flatMap((part) => {
          const b = part.getBoundingClientRect();
          const isCrossed = a.left < b.right && b.left < a.right && a.top < b.bottom - 1 && b.top < a.bottom - 1;
          return isCrossed ? [title.textContent + ' by ' + part.textContent] : [];
        });
      });
    })()`);
    expect(await page.locator('#sequence > svg:not(.heads) .title').count()).toBe(3);
    expect(crossed).toEqual([]);
    await page.close();
  });

  test('keeps the titles of the lanes in view, each once', async () => {
    const binary = await relay.peers.binary(serverId);
    for (let i = 0; i < 12; i++) {
      const phone = await relay.peers.phone(serverId);
      phone.ws.terminate();
      await binary.nextEnvelope();
    }
    const { page } = await open();
    await page.locator('#sequence .message').first().waitFor();
    for (const top of [0, 60, 61, 62, 75, 90, 300, 100_000]) {
      await page.evaluate(`new Promise((resolve) => {
        document.getElementById('sequence').scrollTop = ${top};
        requestAnimationFrame(() => requestAnimationFrame(resolve));
      })`);
      const heads = await page.locator('#sequence .heads .title').allTextContents();
      expect(heads).toEqual(expect.arrayContaining(['server', 'binary 1']));
      // None over another, and none twice.
      const overlaps = await page.evaluate<string[]>(`(() => {
        const shown = [...document.querySelectorAll('#sequence .title')].filter((title) => title.checkVisibility({ visibilityProperty: true }));
        const boxes = shown.map((title) => [title.textContent, title.getBoundingClientRect()]);
        return boxes.flatMap(([name, box], i) => boxes.slice(i + 1)
          .filter(([other, at]) => name === other || (box.left < at.right && at.left < box.right && box.top < at.bottom - 1 && at.top < box.bottom - 1))
          .map(([other]) => name + ' and ' + other));
      })()`);
      expect(overlaps).toEqual([]);
    }
    await page.close();
  });
});
