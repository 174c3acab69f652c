/** A build of the relay from a copy of its source with some texts replaced. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

export interface Patch {
  /** Below `src`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const ROOT = new URL('../../', import.meta.url).pathname;
/** Inside the project, so that packages are found. */
export const PATCHED = `${ROOT}.mutants`;

/** @throws when a text to replace is gone, or the result does not compile */
export const buildPatched = (patches: readonly Patch[], dir: string): void => {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  cpSync(`${ROOT}src`, `${dir}/src`, { recursive: true });
  cpSync(`${ROOT}package.json`, `${dir}/package.json`);
  for (const { file, find, replace } of patches) {
    const path = `${dir}/src/${file}`;
    const source = readFileSync(path, 'utf8');
    if (!source.includes(find)) throw new Error(`the text to mutate is gone from ${file}: ${find}`);
    writeFileSync(
      path,
      source.replace(find, () => replace),
    );
  }
  const compilerOptions = { rootDir: 'src', outDir: 'dist', declaration: false, noCheck: true };
  writeFileSync(
    `${dir}/tsconfig.json`,
    JSON.stringify({ extends: `${ROOT}tsconfig.build.json`, compilerOptions, include: ['src'] }),
  );
  const tsc = spawnSync(`${ROOT}node_modules/.bin/tsc`, ['-p', dir], { encoding: 'utf8' });
  if (tsc.status !== 0) throw new Error(`the mutant does not compile: ${tsc.stdout}`);
};
