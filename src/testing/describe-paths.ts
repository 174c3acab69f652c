/**
 * Makes a test of each path through a chart, for Vitest or any runner with `describe` and `test`. The runner is handed in, so
 * that this library depends on none.
 */
import type { AnyStateMachine } from 'xstate';
import { transitionCoverage } from './chart-transitions.ts';
import { type Driver, drivePath } from './drive-path.ts';
import { type ModelPathsOptions, modelPaths } from './model-paths.ts';
import { expectStates } from './state-names.ts';

/** `describe` and `test` of Vitest, `node:test`, Jest or Mocha (whose `test` is called `it`). */
export interface Runner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly test: (name: string, body: () => Promise<void>) => unknown;
}

export interface DescribePathsOptions<M extends AnyStateMachine, S> extends Runner, Driver<M, S> {
  /** Which paths. `paths.events` are the events of the chart to try, with their data. */
  readonly paths?: ModelPathsOptions<M>;
  /** Transitions that no path takes, as `transitionCoverage` names them, each with the reason. */
  readonly untaken?: Readonly<Record<string, string>>;
}

const sameNames = (actual: readonly string[], named: readonly string[]): void => {
  const missing = actual.filter((name) => !named.includes(name));
  if (missing.length > 0)
    throw new Error(
      `no path takes ${missing.join('; ')}: \`paths.events\` lacks an event, \`paths.key\` what matters, or \`untaken\` a reason`,
    );
  const stale = named.filter((name) => !actual.includes(name));
  if (stale.length > 0)
    throw new Error(
      `\`untaken\` names ${stale.join('; ')}, which some path takes, or the chart does not have`,
    );
};

/**
 * Makes one test of each path, and one that every transition of the chart is taken by some path: an event that is forgotten
 * in `paths.events` would silently leave its part of the chart untested.
 * @throws if the paths cannot be made, see `modelPaths`, or `states` has a name that no state has
 */
export const describePaths = <M extends AnyStateMachine, S>(
  machine: M,
  options: DescribePathsOptions<M, S>,
): void => {
  const { describe, test, paths: chosen = {}, states = {}, untaken = {} } = options;
  expectStates(machine, Object.keys(states));
  const { paths } = modelPaths(machine, chosen);
  describe(`${machine.id}: ${paths.length} paths by ${chosen.cover ?? 'edge'}`, () => {
    for (const path of paths) test(path.name, () => drivePath(path, options));
    test('every transition of the chart is taken', async () => {
      const { missed } = transitionCoverage(
        machine,
        paths.flatMap(({ steps }) => steps),
      );
      sameNames(missed, Object.keys(untaken));
    });
  });
};
