/**
 * One server-id, as `npm run demo -- --inspect` shows it: its binary is gone, one phone has stayed, and another has come. On a
 * large screen, and on the screen of a phone.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const DEMO = fileURLToPath(new URL('../demo.js', import.meta.url));
const ADDRESS = /Open (http:\S+) and watch/;
/** What stands below is told in words. */
const LAST_SHOWN = '#what-next';
const MARGIN = 12;
const LARGE = /** @type {const} */ ({ viewport: { width: 1_440, height: 900 }, colorScheme: 'light' });
const PHONE = /** @type {const} */ ({
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
  reducedMotion: 'reduce',
  colorScheme: 'dark',
});
/** The story comes to this point half a minute after it has begun. */
const PATIENCE_MS = 120_000;

/** @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, null>} demo */
const addressOf = async (demo) => {
  for await (const line of createInterface({ input: demo.stdout })) {
    const [, address] = ADDRESS.exec(line) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error('the demo has ended without the address of its page');
};

/**
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} screen
 * @param {(page: import('playwright-core').Page) => Promise<unknown>} take
 */
const watchStory = async (browser, screen, take) => {
  const demo = spawn(process.execPath, [DEMO, '--inspect'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const address = await addressOf(demo);
    demo.stdout.resume();
    const page = await browser.newPage(screen);
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(address);
    await page.locator('#server-state', { hasText: 'grace' }).waitFor();
    await page.locator('#connections', { hasText: 'phone D' }).waitFor();
    // The transition that phone D has caused is still lit.
    await page.locator('#server-chart text.lit', { hasText: 'hasRoomForPhone' }).waitFor();
    await take(page);
    await page.close();
  } finally {
    demo.kill('SIGINT');
    await once(demo, 'exit');
  }
};

/**
 * @param {import('playwright-core').Browser} browser
 * @param {string} file
 */
export const takePage = async (browser, file) =>
  await watchStory(browser, LARGE, async (page) => {
    const below = await page.locator(LAST_SHOWN).boundingBox();
    const height = Math.ceil((below?.y ?? 0) + (below?.height ?? 0) + MARGIN);
    await page.screenshot({ path: file, fullPage: true, clip: { x: 0, y: 0, width: 1_440, height } });
  });

/**
 * @param {import('playwright-core').Browser} browser
 * @param {string} file
 */
export const takePhone = async (browser, file) =>
  await watchStory(browser, PHONE, async (page) => {
    await page.getByRole('button', { name: 'Chart', exact: true }).click();
    await page.screenshot({ path: file });
  });
