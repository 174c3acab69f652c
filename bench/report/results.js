/** Stores results, each figure with its time. A run of some figures keeps the results of the others. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

const dir = new URL('../results/', import.meta.url);

export const machine = () => {
  const models = cpus().map(({ model }) => model);
  return `Node ${process.versions.node}, ${models.length} x ${models[0]?.trim()}`;
};

/** @param {URL} file */
const readAll = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // The file is missing or truncated, so it is rewritten.
    return { figures: {} };
  }
};

/**
 * @param {{ id: string, title: string, quick: boolean }} figure
 * @param {import('../figures/figure.d.ts').Result} result
 */
export const store = ({ id, title, quick }, { columns, rows, targets, notes = [] }) => {
  mkdirSync(dir, { recursive: true });
  const file = new URL(quick ? 'quick.json' : 'latest.json', dir);
  const all = readAll(file);
  all.figures[id] = {
    title,
    at: new Date().toISOString(),
    machine: machine(),
    columns,
    rows,
    targets: targets.map((target) => ({ ...target, isMet: target.value <= target.limit })),
    notes,
  };
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
};
