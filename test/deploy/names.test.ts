/** What the dashboard and the alerts name is there: metrics, label values, and the run-book. */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { CHECKS } from '../../src/probe/check-names.ts';
import { roundSeries } from '../../src/probe/round-series.ts';
import { panels, queries } from '../support/dashboard.ts';
import { prometheusMissing, promtool } from '../support/prometheus.ts';
import { TestRelay } from '../support/relay.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const RULES = 'deploy/prometheus/rules.yml';
const rules = readFileSync(`${ROOT}${RULES}`, 'utf8');

let exposition = '';
beforeAll(async () => {
  const relay = await TestRelay.start();
  exposition = await (await fetch(relay.metricsUrl)).text();
  await relay.dispose();
});

/** What the probe writes, beside the relay. */
const probed = (): string =>
  roundSeries('wss://relay.example.org', {
    endedAt: new Date(0),
    ms: 1,
    dials: 1,
    isGood: true,
    checks: CHECKS.map(({ name: check }) => ({ check, result: 'passed', ms: 1, problem: '' })),
    roundTrips: [],
  });

/** As a query names them: a histogram has three. */
const knownNames = (): ReadonlySet<string> => {
  const types = [...`${exposition}\n${probed()}`.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(
    types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
};

const NO_METRICS: ReadonlySet<string> = new Set(['or', 'and', 'unless', 'offset', 'bool', 'by', 'on']);

/** What is left of a query without its selectors, ranges, groupings, functions and operators. */
const namesIn = (expr: string): string[] => {
  const bare = expr
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replaceAll(/\b(by|on|ignoring|without) *\([^)]*\)/g, '');
  const words = [...bare.matchAll(/\b[a-z_][a-z0-9_]*\b(?! *\()/g)].map(([word]) => word);
  return words.filter((word) => !NO_METRICS.has(word));
};

/** `metric{label="value"}` for each value that a query asks for by name. */
const cellsIn = (expr: string): [name: string, cell: string][] =>
  [...expr.matchAll(/\b([a-z_]+)\{([^}]*)\}/g)].flatMap(([, name = '', labels = '']) =>
    [...labels.matchAll(/(\w+)(?:=|!=|=~)"([^"]*)"/g)]
      .filter(([, label = '']) => !['instance', 'job'].includes(label))
      .flatMap(([, label, values = '']) =>
        values.split('|').map((value): [string, string] => [name, `${label}="${value}"`]),
      ),
  );

const ruleQueries = (): string[] =>
  [...rules.matchAll(/expr: (?:\|\n((?: {10,}.*\n)+)|(.*)\n)/g)].map(
    ([, block, line]) => block ?? line ?? '',
  );
const alerts = (): string[] => rules.split('- alert: ').slice(1);

const used = (): string[] => [...queries().map(([, expr]) => expr), ...ruleQueries()];

test('each metric in the dashboard and in the alerts is one of /metrics', () => {
  expect(ruleQueries()).toHaveLength(alerts().length);
  const known = knownNames();
  for (const expr of used()) {
    const names = namesIn(expr);
    expect([expr, names.length > 0]).toEqual([expr, true]);
    for (const name of names)
      expect([expr, name, known.has(name) || name === 'up']).toEqual([expr, name, true]);
  }
});

test('each label value that they ask for exists', () => {
  const lines = exposition.split('\n');
  for (const [name, cell] of used().flatMap(cellsIn)) {
    const isThere = lines.some((line) => line.startsWith(`${name}{`) && line.includes(cell));
    expect([name, cell, isThere]).toEqual([name, cell, true]);
  }
});

test('each counter and gauge of the relay is in the dashboard', () => {
  const shown = new Set(queries().flatMap(([, expr]) => namesIn(expr)));
  const missing = [...exposition.matchAll(/^# TYPE (\S+) (?:counter|gauge)$/gm)]
    .map(([, name = '']) => name)
    .filter((name) => !shown.has(name));
  // The same as its other name.
  expect(missing).toEqual(['process_resident_memory_bytes']);
});

test('each panel has a title, a description and a query', () => {
  const all = panels();
  expect(new Set(all.map(({ title }) => title)).size).toBe(all.length);
  for (const { title, description = '', targets = [] } of all)
    expect([title, description !== '', targets.length > 0]).toEqual([title, true, true]);
});

test('each alert says what it is, how bad it is, and where the run-book has it; and the run-book has no other', () => {
  const runbook = readFileSync(`${ROOT}docs/operating.md`, 'utf8');
  const names = alerts().map((alert) => {
    const [name = ''] = alert.split('\n');
    expect([name, alert]).toEqual([name, expect.stringMatching(/severity: (page|ticket)/)]);
    expect([name, alert]).toEqual([name, expect.stringMatching(/summary: .+\n\s+description: .+/)]);
    expect([name, alert]).toEqual([
      name,
      expect.stringContaining(`runbook_url: docs/operating.md#${name.toLowerCase()}\n`),
    ]);
    return name;
  });
  const rows = [...runbook.matchAll(/^\| <a id="([a-z]+)"><\/a>(\w+) \|/gm)];
  expect(rows.map(([, , name]) => name)).toEqual(names);
  expect(rows.map(([, anchor]) => anchor)).toEqual(names.map((name) => name.toLowerCase()));
});

const run = test.skipIf(prometheusMissing !== '');

run(`promtool has nothing to say against the metrics${prometheusMissing}`, () => {
  expect(promtool(['check', 'metrics'], exposition)).toBe('exit 0: ');
});

run(`promtool takes the rules and the configuration${prometheusMissing}`, () => {
  expect(promtool(['check', 'rules', `${ROOT}${RULES}`])).toMatch(/^exit 0: [^]*SUCCESS/);
  expect(promtool(['check', 'config', `${ROOT}deploy/prometheus/prometheus.yml`])).toMatch(/^exit 0: /);
});

run(`the alerts fire when they should${prometheusMissing}`, () => {
  expect(promtool(['test', 'rules', `${ROOT}test/deploy/rules-test.yml`])).toMatch(/^exit 0: [^]*SUCCESS/);
});
