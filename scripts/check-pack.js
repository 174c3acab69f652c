/** Checks what `npm pack` would publish: only the build and user documentation, with an executable that starts. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [pack] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' }),
);
/** @type {string[]} */
const files = pack.files.map((/** @type {{ path: string }} */ { path }) => path);

/** What a user of the package does not need: the sources, and what proves them. */
const isForDevelopers = (/** @type {string} */ path) =>
  /^(src|test|bench|load|soak|fuzz|scripts)\b|^CONTRIBUTING\.md$|^docs\/(performance|reliability)\/?$/.test(
    path,
  );

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
  'dist/testing/index.js',
  'dist/testing/index.d.ts',
  'dist/package.json',
  'dist/inspect/page/index.html',
  'dist/inspect/page/charts/server-wide.svg',
  'diagrams/server.svg',
]) {
  if (!files.includes(needed)) problems.push(`${needed} is missing`);
}
for (const file of files) {
  const isWanted =
    /^(package\.json|README\.md|CHANGELOG\.md|SECURITY\.md|LICENSE|docs\/[a-z-]+\.(md|png)|docs\/adr\/.+\.md|(deploy|examples)\/.+|dist\/package\.json|dist\/.+\.(js|d\.ts)|dist\/inspect\/page\/(index\.html|page\.css|inspecting\.txt|charts\/.+\.(svg|json))|diagrams\/.+\.(svg|mmd))$/.test(
      file,
    );
  if (!isWanted) problems.push(`${file} should not be published`);
  const source = file.replace(/^dist\//, 'src/').replace(/(\.d\.ts|\.js)$/, '.ts');
  const isOwn = /^dist\/(package\.json|inspect\/page\/(charts\/.+|inspecting\.txt))$/.test(file);
  if (file.startsWith('dist/') && !isOwn && !existsSync(source))
    problems.push(`${file} has no source any more`);
}
for (const page of files.filter((file) => file.endsWith('.md'))) {
  const links = readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g);
  for (const [, link = ''] of links) {
    const target = join(dirname(page), link);
    const isThere = files.some((file) => file === target || file.startsWith(`${target.replace(/\/$/, '')}/`));
    if (!isThere && !isForDevelopers(target))
      problems.push(`${page} links to ${link}, which is not published`);
  }
}
const executable = readFileSync('dist/main.js', 'utf8');
if (!executable.startsWith('#!/usr/bin/env node\n')) problems.push('dist/main.js has no shebang');

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`npm pack: ${files.length} files, ${Math.round(pack.unpackedSize / 1024)} KiB`);
