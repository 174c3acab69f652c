/**
 * What `createTestModel` of `@xstate/graph` is for charts without timers, for charts with them. That one refuses a chart with
 * `after`: its paths are lists of events, and a timer is no event that a test could send.
 */
import type { AnyStateMachine, EventFromLogic, EventObject, SnapshotFrom } from 'xstate';
import { drivePath } from './drive-path.ts';
import { type ModelPath, type ModelPathsOptions, type ModelStep, modelPaths } from './model-paths.ts';

/** As in `createTestModel`, with `wait` for timers. */
export interface TestParams<M extends AnyStateMachine> {
  readonly events?: {
    readonly [T in EventFromLogic<M>['type']]?: (
      step: ModelStep<M, Extract<EventFromLogic<M>, { readonly type: T }>>,
    ) => void | Promise<void>;
  };
  readonly states?: Readonly<Record<string, (state: SnapshotFrom<M>) => void | Promise<void>>>;
  /** Lets that many ms pass: `vi.advanceTimersByTimeAsync`. */
  readonly wait?: (ms: number) => void | Promise<void>;
}

export interface TestPath<M extends AnyStateMachine> extends ModelPath<M> {
  readonly description: string;
  readonly test: (params: TestParams<M>) => Promise<void>;
}

const toTestPath = <M extends AnyStateMachine>(path: ModelPath<M>): TestPath<M> => ({
  ...path,
  description: path.name,
  test: async ({ events = {}, states = {}, wait }) => {
    // The function for a type takes steps with events of this type.
    const acts = events as Readonly<Record<string, (step: ModelStep<M>) => void | Promise<void>>>;
    const checks = Object.entries(states);
    await drivePath<M, undefined>(path, {
      subject: () => undefined,
      perform: (_, step) => {
        const { type } = step.trigger as EventObject;
        const act = acts[type];
        // `createTestModel` does nothing then, and its path tests something else.
        if (act === undefined) throw new Error(`there is no events['${type}']`);
        return act(step);
      },
      states: Object.fromEntries(
        checks.map(([key, check]) => [key, (_: undefined, state: SnapshotFrom<M>) => check(state)]),
      ),
      ...(wait !== undefined && { wait: (_: undefined, ms: number) => wait(ms) }),
    });
  },
});

export interface TimedTestModel<M extends AnyStateMachine> {
  /** To each state, by the fewest events. Guards that reject are not in them: prefer `getEdgePaths`. */
  readonly getShortestPaths: () => TestPath<M>[];
  /** Each event in each state. */
  readonly getEdgePaths: () => TestPath<M>[];
  /** Every two events that can follow each other. */
  readonly getPairPaths: () => TestPath<M>[];
}

export const createTimedTestModel = <M extends AnyStateMachine>(
  machine: M,
  options: Omit<ModelPathsOptions<M>, 'cover'> = {},
): TimedTestModel<M> => {
  const pathsBy = (cover: 'edge' | 'pairs'): readonly ModelPath<M>[] =>
    modelPaths(machine, { ...options, cover }).paths;
  return {
    getShortestPaths: () => {
      const reached = new Map<string, ModelPath<M>>();
      const shortestFirst = pathsBy('edge').toSorted((a, b) => a.steps.length - b.steps.length);
      const [start] = shortestFirst;
      for (const path of shortestFirst) {
        const end = path.steps.at(-1)?.to ?? '';
        if (end !== start?.steps[0]?.from && !reached.has(end)) reached.set(end, path);
      }
      return [...reached.values()].map(toTestPath);
    },
    getEdgePaths: () => pathsBy('edge').map(toTestPath),
    getPairPaths: () => pathsBy('pairs').map(toTestPath),
  };
};
