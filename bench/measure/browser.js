/** Headless Chromium, where one is installed, and what a page in it shows. */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = CANDIDATES.find((path) => existsSync(path));

export const hasBrowser = executablePath !== undefined;

/** @throws if there is none */
export const launchBrowser = async () => {
  if (executablePath === undefined) throw new Error('Chromium is not installed here');
  return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
};

/**
 * Frames per second that a page draws.
 * @param {import('playwright-core').Page} page
 * @param {number} ms
 * @returns {Promise<number>}
 */
export const framesDrawnPerSecond = async (page, ms) =>
  await page.evaluate(
    async (forMs) =>
      await new Promise((done) => {
        // This part runs in the browser, whose globals Node's types do not know.
        const callBeforeDrawing = Reflect.get(globalThis, 'requestAnimationFrame');
        const startMs = performance.now();
        let frames = 0;
        const count = (/** @type {number} */ nowMs) => {
          if (nowMs - startMs >= forMs) done((frames * 1_000) / (nowMs - startMs));
          else callBeforeDrawing(count);
          frames++;
        };
        callBeforeDrawing(count);
      }),
    ms,
  );
