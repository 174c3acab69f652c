/** Results as text. */

/** @param {string | number | null} value */
export const formatCell = (value) => {
  if (value === null) return '–';
  if (typeof value === 'string') return value;
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
};

/** @param {import('../figures/figure.d.ts').Target} target */
const formatTarget = ({ name, value, limit, unit = '' }) => {
  const verdict = value <= limit ? 'met   ' : 'MISSED';
  const space = unit === '' ? '' : ' ';
  return `  ${verdict} ${name}: ${formatCell(value)}${space}${unit} (at most ${limit}${space}${unit})`;
};

/**
 * @param {string} title
 * @param {import('../figures/figure.d.ts').Result} result
 */
export const formatResult = (title, { columns, rows, targets, notes = [] }) => {
  const cells = [columns, ...rows.map((row) => row.map(formatCell))];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  const isNumber = columns.map((_, i) => rows.some((row) => typeof row[i] === 'number'));
  const lines = cells.map((row) =>
    row
      .map((cell, i) => (isNumber[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return [
    '',
    title,
    ...lines.map((line) => `  ${line}`),
    ...targets.map(formatTarget),
    ...notes.map((note) => `  ${note}`),
    '',
  ].join('\n');
};
