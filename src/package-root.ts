import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The folder of package.json, with a slash at its end: found by the package's own name, because a module may run from
 * `src`, from `dist` or out of a bundle, each at a depth of its own.
 */
export const packageRoot = (): URL => {
  const manifest = createRequire(import.meta.url).resolve('pyrycode-relay/package.json');
  return pathToFileURL(`${dirname(manifest)}/`);
};
