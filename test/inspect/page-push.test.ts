/** The charts of the relay, of push and of its wakes on the live page, in a real browser. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { RelayOptions } from '../../src/relay.ts';
import { browserPath, launch, openPage } from '../support/browser.ts';
import { badLabels, paleTexts } from '../support/page-text.ts';
import { TestRelay } from '../support/relay.ts';
import { ScriptedPush, wakeText } from '../support/scripted-push.ts';

const SCREENS = [
  ['light', 1_440],
  ['dark', 1_440],
  ['light', 390],
  ['dark', 390],
] as const;

describe.skipIf(browserPath === undefined)('on the live page', () => {
  let browser: Browser;
  let relay: TestRelay;
  let push: ScriptedPush;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  afterEach(() => relay.dispose());

  const start = async (options: RelayOptions = {}): Promise<void> => {
    push = new ScriptedPush();
    const inspectListen = { host: '127.0.0.1', port: 0 };
    relay = await TestRelay.start({ inspectListen, pushProvider: push, ...options });
  };

  const openCharts = async (page: Page): Promise<void> => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.getByText('The charts of the relay and of push').click();
    await page.locator('#relay-chart .state-relay__serving.current').waitFor();
  };

  test('the charts of the relay and of push are in the state that these are in', async () => {
    await start({ drainDelayMs: 3_000 });
    const { page, faults } = await openPage(browser, relay.inspectUrl, 'light', 1_440);
    await openCharts(page);
    await page.locator('#push-chart .state-push__on__idle.current').waitFor();
    await page.locator('#push-state', { hasText: 'push is idle' }).waitFor();

    const binary = await relay.peers.binary(relay.peers.serverId());
    binary.send(wakeText('token'));
    await page.locator('#push-chart .state-push__on__ready.current').waitFor();
    // How long the credential is used.
    await page.locator('#push-chart figcaption .timer', { hasText: 'freshness' }).waitFor();

    const stopped = relay.stop();
    await page.locator('#relay-chart .state-relay__draining__announcing.current').waitFor();
    expect(await page.locator('#relay-state').textContent()).toBe('draining');
    await page.locator('#relay-chart figcaption .timer', { hasText: 'drainDelay' }).waitFor();
    await stopped;
    expect(faults).toEqual([]);
    await page.close();
  });

  test('a wake is shown with its chart, and without its token', async () => {
    await start();
    push.answerTo = () => undefined;
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    binary.send(wakeText('secret-token'));
    const { page, faults } = await openPage(browser, `${relay.inspectUrl}#${serverId}`, 'light', 1_440);
    await page.getByRole('button', { name: 'wake 1' }).click();
    await page.locator('#wake-chart .state-wake__delivering__sending.current').waitFor();
    expect(await page.locator('#wake-name').textContent()).toContain('wake 1');
    expect(await badLabels(page, '#wake-chart')).toEqual([]);
    expect(await page.content()).not.toContain('secret-token');
    push.held[0]?.answer({ kind: 'busy', reason: 'status 503', quota: false });
    await page.locator('#wake-chart .state-wake__delivering__waitingToRetry.current').waitFor();
    await page.locator('#connections .timer', { hasText: 'retryDelay' }).waitFor();
    push.answerTo = () => ({ kind: 'sent', messageId: 'm' });
    await page.getByText('wakes (0)').waitFor();
    expect(await page.locator('#wake-chart').isHidden()).toBe(true);
    expect(faults).toEqual([]);
    await page.close();
  });

  test.each(SCREENS)('all of them can be read: %s, %i wide', async (scheme, width) => {
    await start();
    const { page, faults } = await openPage(browser, relay.inspectUrl, scheme, width);
    await openCharts(page);
    for (const figure of ['#relay-chart', '#push-chart']) {
      expect(await badLabels(page, figure)).toEqual([]);
    }
    expect(await paleTexts(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(faults).toEqual([]);
    await page.close();
  });
});
