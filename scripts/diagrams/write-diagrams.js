/** `npm run diagrams`: writes diagrams/ and the charts of the live page. A test fails when they are stale. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { ALL_CHARTS } from '../../dist/machines/index.js';
import { drawAll } from './draw-all.js';
import { isOnPage, pageCharts } from './page-charts.js';

/**
 * @param {string} path of a folder that holds nothing else
 * @param {ReadonlyMap<string, string>} files
 */
const write = (path, files) => {
  const folder = new URL(`../../${path}`, import.meta.url);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (!files.has(name)) rmSync(new URL(name, folder));
  for (const [name, text] of files) writeFileSync(new URL(name, folder), text);
  console.log(`${files.size} files in ${path}`);
};

write('diagrams/', await drawAll(ALL_CHARTS));
write('src/inspect/page/charts/', pageCharts(ALL_CHARTS.filter(isOnPage)));
