/** A copy of the build outside the checkout, as an image or a package holds it. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = new URL('../../', import.meta.url).pathname;

export interface InstalledCopy {
  readonly dir: string;
  /** The executable. */
  readonly main: string;
  readonly read: (path: string) => string;
  /** Files below `dir`, overwritten. */
  readonly write: (path: string, text: string) => void;
  /** @throws when the text to replace is not there */
  readonly patch: (path: string, find: string, replace: string) => void;
  readonly remove: (path: string) => void;
  readonly dispose: () => void;
}

/** @param parts what is copied of the checkout, beside the packages */
export const installCopy = (parts: readonly string[]): InstalledCopy => {
  const dir = mkdtempSync(join(tmpdir(), 'relay-copy-'));
  symlinkSync(`${ROOT}node_modules`, join(dir, 'node_modules'));
  // Half of the files of a build are types, which no program reads.
  const filter = (path: string): boolean => !(path.startsWith(join(ROOT, 'dist')) && path.endsWith('.d.ts'));
  for (const part of parts) cpSync(join(ROOT, part), join(dir, part), { recursive: true, filter });
  return {
    dir,
    main: join(dir, 'dist/main.js'),
    read: (path) => readFileSync(join(dir, path), 'utf8'),
    write: (path, text) => writeFileSync(join(dir, path), text),
    patch: (path, find, replace) => {
      const source = readFileSync(join(dir, path), 'utf8');
      if (!source.includes(find)) throw new Error(`${path} has no ${find}`);
      writeFileSync(
        join(dir, path),
        source.replace(find, () => replace),
      );
    },
    remove: (path) => rmSync(join(dir, path), { recursive: true }),
    dispose: () => rmSync(dir, { recursive: true, force: true }),
  };
};
