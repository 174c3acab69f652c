/**
 * `npm run pictures`: takes the pictures of the live page that docs/inspecting.md and README.md show, in Chromium, from
 * relays that run here. Look at what it wrote before you commit it: `npm run pictures -- page`, `-- phone` or `-- grid` takes one again.
 */
import { fileURLToPath } from 'node:url';
import { hasBrowser, launchBrowser } from '../bench/measure/browser.js';
import { takeGrid } from './pictures/grid.js';
import { takePage, takePhone } from './pictures/page.js';

const PICTURES = { page: takePage, phone: takePhone, grid: takeGrid };
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.keys(PICTURES).includes(name));
if (unknown.length > 0 || !hasBrowser) {
  console.error(
    hasBrowser
      ? `no such picture: ${unknown.join(', ')}; there are ${Object.keys(PICTURES).join(', ')}`
      : 'Chromium is not installed here (apt-get install chromium)',
  );
  process.exit(2);
}

const browser = await launchBrowser();
for (const [name, take] of Object.entries(PICTURES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const file = fileURLToPath(new URL(`../docs/live-${name}.png`, import.meta.url));
  await take(browser, file);
  console.log(`wrote docs/live-${name}.png`);
}
await browser.close();
