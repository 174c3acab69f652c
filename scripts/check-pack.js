/** Checks what `npm pack` would publish: only the build and user documentation, with an executable that starts. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const [pack] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' }),
);
/** @type {string[]} */
const files = pack.files.map((/** @type {{ path: string }} */ { path }) => path);

const problems = [];
for (const needed of [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'dist/main.js',
  'dist/relay.js',
  'dist/relay.d.ts',
  'dist/machines/index.js',
  'dist/package.json',
  'dist/inspect/page/index.html',
  'dist/inspect/page/charts/server.svg',
  'diagrams/server.svg',
]) {
  if (!files.includes(needed)) problems.push(`${needed} is missing`);
}
for (const file of files) {
  const isWanted =
    /^(package\.json|README\.md|CHANGELOG\.md|LICENSE|dist\/package\.json|dist\/.+\.(js|d\.ts)|dist\/inspect\/page\/(index\.html|page\.css|charts\/.+\.svg)|diagrams\/.+\.(svg|mmd))$/.test(
      file,
    );
  if (!isWanted) problems.push(`${file} should not be published`);
  const source = file.replace(/^dist\//, 'src/').replace(/(\.d\.ts|\.js)$/, '.ts');
  const isOwn = file === 'dist/package.json' || file.startsWith('dist/inspect/page/charts/');
  if (file.startsWith('dist/') && !isOwn && !existsSync(source))
    problems.push(`${file} has no source any more`);
}
const executable = readFileSync('dist/main.js', 'utf8');
if (!executable.startsWith('#!/usr/bin/env node\n')) problems.push('dist/main.js has no shebang');

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`npm pack: ${files.length} files, ${Math.round(pack.unpackedSize / 1024)} KiB`);
