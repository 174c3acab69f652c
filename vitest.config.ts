import { configDefaults, defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

/** Pure, or over connections in memory. All other files are in the project `wire`, so each is in one of the two. */
const QUICK = ['test/{protocol,admission,push,machines,config,transport}/**/*.test.ts'];

export default defineConfig({
  test: {
    // Two shared cores: a test that waits for a real socket may wait for its turn too. Nothing asserts how long it took, so these only end
    // a test that hangs.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 60_000 } },
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        // To load the source anew for each file would take longer than the tests. They leave nothing behind.
        test: { name: 'quick', include: QUICK, isolate: false, maxWorkers: 2, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'wire',
          include: ['test/**/*.test.ts', 'examples/**/*.test.mjs'],
          exclude: [...configDefaults.exclude, ...QUICK],
          // Half of their time they wait for timers and processes.
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
