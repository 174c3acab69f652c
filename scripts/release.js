/**
 * Makes a release and stops before it is published: the tarball, its SBOM and their checksums in `release/`. Exits 1 at the first thing
 * that is wrong.
 *
 *   node scripts/release.js [--quick]   --quick leaves out .ci/run, for a try
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const OUT = 'release';
const isQuick = process.argv.includes('--quick');

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
const read = (program, args) => execFileSync(program, args, { encoding: 'utf8' });

/** @param {string} problem */
const stop = (problem) => {
  console.error(`no release: ${problem}`);
  process.exit(1);
};

/** @param {readonly string[]} command */
const must = ([program = '', ...args]) => {
  console.log(`\n== ${program} ${args.join(' ')}`);
  if (spawnSync(program, args, { stdio: 'inherit' }).status !== 0)
    stop(`${program} ${args.join(' ')} failed`);
};

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
if (read('git', ['status', '--porcelain']) !== '') stop('the checkout has changes that are not committed');
const entry = readFileSync('CHANGELOG.md', 'utf8')
  .split('\n')
  .find((line) => line.startsWith(`## ${version}`));
if (entry === undefined) stop(`CHANGELOG.md has no entry for ${version}, the version of package.json`);
if (!isQuick && entry?.includes('not released'))
  stop(`CHANGELOG.md still says "${entry}": put the date there`);
if (read('git', ['tag', '--list', `v${version}`]) !== '') stop(`the tag v${version} is there already`);

if (!isQuick) must(['.ci/run']);
must(['npm', 'run', '--silent', 'build']);
must(['npm', 'run', '--silent', 'pack:check']);
must(['npm', 'run', '--silent', 'pack:try']);

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT);
const [{ filename }] = JSON.parse(
  read('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', OUT]),
);
const sbom = `${filename.replace(/\.tgz$/, '')}.cdx.json`;
writeFileSync(join(OUT, sbom), read('npm', ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev']));
const sums = [filename, sbom].map((name) => {
  const sum = createHash('sha256')
    .update(readFileSync(join(OUT, name)))
    .digest('hex');
  return `${sum}  ${name}\n`;
});
writeFileSync(join(OUT, 'SHA256SUMS'), sums.join(''));

console.log(`\n${OUT}/ has ${filename}, ${sbom} and SHA256SUMS. Nothing is published. To publish:
  git tag --sign v${version} && git push origin v${version}
  npm publish ${OUT}/${filename}`);
