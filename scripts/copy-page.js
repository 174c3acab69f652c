import { copyFileSync, cpSync, mkdirSync } from 'node:fs';

// Files of the live page that are not compiled.
const from = new URL('../src/inspect/page/', import.meta.url);
const to = new URL('../dist/inspect/page/', import.meta.url);
mkdirSync(to, { recursive: true });
for (const name of ['index.html', 'page.css']) copyFileSync(new URL(name, from), new URL(name, to));
cpSync(new URL('charts/', from), new URL('charts/', to), { recursive: true });
// The page links to it: an installed relay has no other docs beside it, and must not ask the internet.
copyFileSync(new URL('../docs/inspecting.md', import.meta.url), new URL('inspecting.txt', to));
