/** What docs/ says is what there is. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { measuredPart } from '../bench/report/markdown.js';
import { helpText, settingsTable } from '../src/config/help.ts';
import { settingNames, settings } from '../src/config/settings.ts';
import { Census } from '../src/observe/census.ts';
import { logEvents } from '../src/observe/log-events.ts';
import { Metrics } from '../src/observe/metrics.ts';

const doc = (name: string): string => readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8');

const tableRows = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

test('configuration.md has the table of settings as they are', () => {
  expect(doc('configuration.md')).toContain(settingsTable());
});

test('--help names every flag and fits a screen', () => {
  const lines = helpText().trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(24);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
  for (const name of settingNames) expect(helpText()).toContain(`--${settings[name].flag} `);
});

test('logs.md lists every event with its level and keys, and no other', () => {
  const listed = tableRows(doc('logs.md')).map(([event = '', level, keys = '']) => [
    event.replaceAll('`', ''),
    { level, keys: keys === '' ? [] : keys.split(', ') },
  ]);
  expect(Object.fromEntries(listed)).toEqual(logEvents);
});

test('metrics.md lists every metric with its type and labels, and no other', async () => {
  const exposition = await new Metrics(new Census(), () => 0).scrape();
  const types = [...exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]);
  const listed = tableRows(doc('metrics.md'));
  expect(Object.fromEntries(listed.map(([name = '', type]) => [name.replaceAll('`', ''), type]))).toEqual(
    Object.fromEntries(types),
  );
  for (const [name = '', , labels = ''] of listed) {
    const bare = name.replaceAll('`', '');
    const cell = exposition.split('\n').find((line) => line.startsWith(`${bare}{`)) ?? '';
    const found = [...cell.matchAll(/(\w+)="/g)].map(([, label]) => label);
    expect([bare, found.join(', ')]).toEqual([bare, labels]);
  }
});

test('performance.md has the figures as they were measured last', () => {
  expect(doc('performance.md')).toContain(measuredPart());
});
