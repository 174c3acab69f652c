/**
 * Keeps the result of a long run, and renews the table of docs/reliability.md:
 * `npm run --silent soak -- --minutes 60 > result.json; node scripts/record-run.js --name soak-1h --command "npm run soak -- --minutes 60" < result.json`.
 * Without `--name` it only renews the table.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { FOLDER, writeReliabilityTable } from './reliability-table.js';

const GIB = 2 ** 30;

const { values } = parseArgs({
  options: {
    name: { type: 'string' },
    command: { type: 'string', default: '' },
    note: { type: 'string', default: '' },
  },
});

if (values.name !== undefined) {
  if (!/^[a-z0-9-]+$/.test(values.name)) throw new TypeError('--name takes lower-case letters, digits and -');
  const run = {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores, ${Math.round(totalmem() / GIB)} GB, Node ${process.versions.node}`,
    command: values.command,
    note: values.note,
    result: JSON.parse(readFileSync(0, 'utf8')),
  };
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(new URL(`${values.name}.json`, FOLDER), `${JSON.stringify(run, null, 2)}\n`);
}
writeReliabilityTable();
