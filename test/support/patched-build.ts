/** A build of the relay from a copy of its source with some texts replaced. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Patch {
  /** Below `src`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const ROOT = new URL('../../', import.meta.url).pathname;
/** Inside the project, so that packages are found. */
export const PATCHED = `${ROOT}.mutants`;

const DIST = `${ROOT}dist`;

/**
 * A copy of `dist`, in which the patched files are compiled anew. So `npm run build` comes before.
 * @throws when a text to replace is gone, or the result does not compile
 */
export const buildPatched = (patches: readonly Patch[], dir: string): void => {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  cpSync(DIST, `${dir}/dist`, { recursive: true, filter: (path) => !path.endsWith('.d.ts') });
  const sources = new Map<string, string>();
  for (const { file, find, replace } of patches) {
    const source = sources.get(file) ?? readFileSync(`${ROOT}src/${file}`, 'utf8');
    if (!source.includes(find)) throw new Error(`the text to mutate is gone from ${file}: ${find}`);
    sources.set(
      file,
      source.replace(find, () => replace),
    );
  }
  if (sources.size === 0) return;
  for (const [file, source] of sources) {
    mkdirSync(dirname(`${dir}/src/${file}`), { recursive: true });
    writeFileSync(`${dir}/src/${file}`, source);
  }
  const only = { noCheck: true, noResolve: true, types: [], declaration: false };
  const compilerOptions = { ...only, rootDir: 'src', outDir: 'dist' };
  const files = [...sources.keys()].map((file) => `src/${file}`);
  writeFileSync(
    `${dir}/tsconfig.json`,
    JSON.stringify({ extends: `${ROOT}tsconfig.build.json`, compilerOptions, files, include: [] }),
  );
  const tsc = spawnSync(`${ROOT}node_modules/.bin/tsc`, ['-p', dir], { encoding: 'utf8' });
  if (tsc.status !== 0) throw new Error(`the mutant does not compile: ${tsc.stdout}`);
};
