/** Vitest with one fault planted in the source while it is loaded: `PLANTED` is the patch, as JSON. */
import { defineConfig } from 'vitest/config';
import type { Patch } from '../support/patched-build.ts';

const planted = process.env['PLANTED'];
const patch = planted === undefined ? undefined : (JSON.parse(planted) as Patch); // Written by `plant.ts`.

export default defineConfig({
  plugins: [
    {
      name: 'planted-fault',
      enforce: 'pre',
      transform: (source, id) => {
        if (patch === undefined || !id.endsWith(`/src/${patch.file}`)) return undefined;
        return source.replace(patch.find, () => patch.replace);
      },
    },
  ],
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'threads',
    maxWorkers: 1,
    testTimeout: 10_000,
    hookTimeout: 10_000,
  },
});
