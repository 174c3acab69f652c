/** Writes the results into docs/performance.md, between its markers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { figures } from '../figures/index.js';
import { formatCell } from './table.js';

const START = '<!-- measured by npm run bench -->\n';
const END = '<!-- end -->';
const results = new URL('../results/latest.json', import.meta.url);
const file = new URL('../../docs/performance.md', import.meta.url);

/** @param {readonly (readonly string[])[]} rows */
const table = ([head = [], ...rows]) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** @param {import('../figures/figure.d.ts').Target & { isMet: boolean }} target */
const targetRow = ({ name, value, limit, unit = '', isMet }) => [
  name,
  `${formatCell(value)} ${unit}`.trim(),
  `≤ ${limit} ${unit}`.trim(),
  isMet ? 'met' : '**missed**',
];

/** The measured part of docs/performance.md, built from the stored results. */
export const measuredPart = () => {
  const stored = JSON.parse(readFileSync(results, 'utf8')).figures;
  const measured = figures.map(({ id }) => stored[id]).filter((figure) => figure !== undefined);
  const machines = [...new Set(measured.map(({ machine }) => machine))].join('; ');
  const days = [...new Set(measured.map(({ at }) => at.slice(0, 10)))].join(', ');
  const targets = measured.flatMap((figure) => figure.targets.map(targetRow));
  const tables = measured.map(({ title, columns, rows, notes }) =>
    [
      `### ${title}`,
      table([columns, ...rows.map((/** @type {(string | number | null)[]} */ row) => row.map(formatCell))]),
      ...notes,
    ].join('\n\n'),
  );
  return [`${days}, ${machines}.`, table([['figure', 'measured', 'target', ''], ...targets]), ...tables].join(
    '\n\n',
  );
};

/** @throws if docs/performance.md has no markers */
export const writeMeasuredPart = () => {
  const text = readFileSync(file, 'utf8');
  const start = text.indexOf(START);
  const end = text.indexOf(END);
  if (start === -1 || end === -1)
    throw new Error('docs/performance.md has lost the marks of its measured part');
  writeFileSync(file, `${text.slice(0, start + START.length)}\n${measuredPart()}\n\n${text.slice(end)}`);
};
