import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';

// Files of the live page that are not compiled.
const from = new URL('../src/inspect/page/', import.meta.url);
const to = new URL('../dist/inspect/page/', import.meta.url);
mkdirSync(to, { recursive: true });
for (const name of ['index.html', 'page.css']) copyFileSync(new URL(name, from), new URL(name, to));

const diagrams = new URL('../diagrams/', import.meta.url);
const charts = new URL('charts/', to);
mkdirSync(charts, { recursive: true });
for (const name of readdirSync(diagrams)) {
  if (name.endsWith('.svg')) copyFileSync(new URL(name, diagrams), new URL(name, charts));
}
