/**
 * Runs tests against the source with faults planted in it, one fault after the other, in one Vitest: what a fault does not touch is
 * read and compiled once. Reads jobs from stdin and answers each on stdout, as lines of JSON.
 */
import { createInterface } from 'node:readline';
import { createVitest } from 'vitest/node';

/** @typedef {{ readonly file: string, readonly find: string, readonly replace: string }} Patch */
/** @typedef {{ readonly files: readonly string[], readonly pattern: string, readonly planted?: Patch }} Job */

const ROOT = new URL('../../', import.meta.url).pathname;
const TIMEOUT_MS = 10_000;

/** @type {Patch | undefined} */
let planted;

const plugin = {
  name: 'planted-fault',
  enforce: /** @type {const} */ ('pre'),
  /** @param {string} source @param {string} id */
  transform: (source, id) => {
    const patch = planted;
    if (patch === undefined || !id.endsWith(`/src/${patch.file}`)) return undefined;
    return source.replace(patch.find, () => patch.replace);
  },
};

const vitest = await createVitest(
  'test',
  {
    ...{ root: ROOT, config: false, watch: false, include: ['test/**/*.test.ts'], reporters: [{}] },
    ...{ pool: 'threads', maxWorkers: 1, testTimeout: TIMEOUT_MS, hookTimeout: TIMEOUT_MS },
  },
  { plugins: [plugin] },
);
const project = vitest.getRootProject();

/** @param {Job} job */
const run = async ({ files, pattern, planted: patch }) => {
  planted = patch;
  if (patch !== undefined) vitest.invalidateFile(`${ROOT}src/${patch.file}`);
  vitest.setGlobalTestNamePattern(new RegExp(pattern));
  const ids = files.map((file) => `${ROOT}${file}`);
  const result = await vitest.runTestSpecifications(ids.map((id) => project.createSpecification(id)));
  // It has the modules of earlier runs too.
  const testModules = result.testModules.filter(({ moduleId }) => ids.includes(moduleId));
  // The next fault may be in another file.
  if (patch !== undefined) vitest.invalidateFile(`${ROOT}src/${patch.file}`);
  const ends = testModules.flatMap(({ children }) =>
    [...children.allTests()].map((test) => ({
      title: [...ancestors(test), test.name].join(' '),
      status: test.result().state,
    })),
  );
  const problems = testModules.flatMap((module) => module.errors().map(({ message }) => message));
  return { ends, problems };
};

/** @param {import('vitest/node').TestCase} test @returns {string[]} */
const ancestors = (test) => {
  /** @type {string[]} */
  const names = [];
  for (let { parent } = test; parent.type === 'suite'; { parent } = parent) names.unshift(parent.name);
  return names;
};

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await run(JSON.parse(line)))}\n`);
}
await vitest.close();
