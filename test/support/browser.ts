/** Headless Chromium, where one is installed. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export const browserPath = CANDIDATES.find((path) => existsSync(path));

export const launch = async (): Promise<Browser> =>
  await chromium.launch({
    executablePath: browserPath ?? '',
    // The tests may run as root, and nothing but the page under test may be asked for.
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'].concat([
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ]),
  });

export interface WatchedPage {
  readonly page: Page;
  /** Console errors, exceptions, and requests that left the page's origin. */
  readonly faults: readonly string[];
}

export const openPage = async (
  browser: Browser,
  url: string,
  colorScheme: 'light' | 'dark' = 'light',
  width = 1_400,
): Promise<WatchedPage> => {
  const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
  page.setDefaultTimeout(90_000);
  const faults: string[] = [];
  page.on('console', (message) => {
    // A relay that is gone is an error to the browser, and to the page a matter of trying again.
    if (message.type() === 'error' && !message.text().includes('ERR_CONNECTION')) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin && !request.url().startsWith('data:')) {
      faults.push(`request to ${request.url()}`);
    }
  });
  await page.goto(url);
  return { page, faults };
};

/** Whether all of it is on the screen, without scrolling. */
export const isOnScreen = async (page: Page, selector: string): Promise<boolean> =>
  await page.evaluate<boolean>(`(() => {
    const { top, bottom, left, right } = document.querySelector('${selector}').getBoundingClientRect();
    return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
  })()`);
