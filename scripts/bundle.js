/**
 * The executable: `dist/main.js` and, in `dist/main/`, what it loads on demand. A start then reads a dozen files instead of
 * some 170, which takes half the time (docs/performance.md). The rest of `dist` is the library, module by module.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = new URL('../', import.meta.url);

const bundle = await rolldown({
  cwd: fileURLToPath(root),
  input: 'src/main.ts',
  platform: 'node',
  // Optional, and native: ws asks for them as it starts, and each finds its binary beside itself.
  external: ['bufferutil', 'utf-8-validate'],
  onLog: (level, { message }) => {
    if (level === 'warn') throw new Error(message);
  },
});
const { output } = await bundle.write({
  dir: fileURLToPath(new URL('dist', root)),
  entryFileNames: 'main.js',
  chunkFileNames: 'main/[name].js',
});
await bundle.close();

/** The packages whose code is in there now: their licences ask that they go with it. */
const packages = new Set(
  output
    .flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
    .map((id) => /^.*\/node_modules\/(@[^/]+\/[^/]+|[^/]+)/.exec(id)?.[0])
    .filter((folder) => folder !== undefined),
);
// The bundler adds some lines of its own.
packages.add(fileURLToPath(new URL('node_modules/rolldown', root)));
const notices = [...packages].toSorted().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} says nothing of its licence but "${license}"`);
  return `${name} ${version}\n\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}\n`;
});
writeFileSync(new URL('dist/main/LICENSES.txt', root), notices.join(`\n${'-'.repeat(80)}\n\n`));
