/** Writes reports for `npm run test:model -- --coverage`; nothing otherwise. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type ChartPage, coveragePage } from '../../src/testing/coverage-page.ts';
import { coverageJson, coverageText } from '../../src/testing/coverage-report.ts';

const svgOf = (id: string): string =>
  readFileSync(new URL(`../../diagrams/${id}.svg`, import.meta.url), 'utf8');

/** @param name of the files, such as "charts" */
export const writeCoverage = (name: string, pages: readonly ChartPage[]): void => {
  const dir = process.env['CHART_COVERAGE'];
  if (dir === undefined) return;
  mkdirSync(dir, { recursive: true });
  const reports = pages.map(({ report }) => report);
  const drawn = pages.map((page) => ({ ...page, svg: svgOf(page.machine.id) }));
  writeFileSync(`${dir}/${name}.txt`, coverageText(reports));
  writeFileSync(`${dir}/${name}.json`, coverageJson(reports));
  writeFileSync(`${dir}/${name}.html`, coveragePage(`Coverage: ${name}`, drawn));
};
