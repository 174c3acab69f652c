/** Runs paths that end in a drain. All wait at a barrier in one daemon; then one signal drains them together. */
import type { Outcome, RunOptions } from './attempt-path.ts';
import { describeEvents, type Path } from './covers.ts';
import { newServerId } from './new-server-id.ts';
import { allowancesOf, expectedOf } from './profile.ts';
import { Stalls } from './stalls.ts';
import { Overrun } from './target.ts';
import { WireTarget } from './wire-target.ts';

/** Totals of all paths at the barrier. `/healthz` must report the same. */
export interface Standing {
  readonly binaries: number;
  readonly phones: number;
}

interface Waiting {
  readonly path: Path;
  readonly target: WireTarget;
}

/** @param drain checks the counts, then drains the target */
export const runDrainPaths = async (
  paths: readonly Path[],
  options: RunOptions,
  drain: (standing: Standing) => Promise<void>,
): Promise<Outcome[]> => {
  const stalls = new Stalls();
  const outcomes: Outcome[] = [];
  const waiting: Waiting[] = [];
  const queue = [...paths];
  const approach = async (path: Path): Promise<void> => {
    const { maxPhones } = options.limits;
    const target = new WireTarget({
      ...options,
      maxPhones,
      stalls,
      allows: allowancesOf(options.profile),
      serverId: newServerId(),
    });
    try {
      const problem = await walk(path, path.steps.slice(0, -1), target, options);
      if (problem === undefined) {
        waiting.push({ path, target });
        return;
      }
      target.dispose();
      outcomes.push(fail(path, problem));
    } catch (error) {
      target.dispose();
      if (!(error instanceof Overrun)) throw error;
      queue.push(path);
    }
  };
  const toBarrier = async (): Promise<void> => {
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) await approach(path);
  };
  await Promise.all(Array.from({ length: options.parallel }, toBarrier));

  const slots = waiting.map(({ path }) => path.steps.at(-1)?.from.slot);
  await drain({
    binaries: slots.filter((slot) => slot === 'live' || slot === 'probing').length,
    phones: waiting.reduce((sum, { target }) => sum + target.roster.phones.length, 0),
  });
  await Promise.all(
    waiting.map(async ({ path, target }) => {
      const problem = await walk(path, path.steps.slice(-1), target, options);
      target.dispose();
      outcomes.push(problem === undefined ? { kind: 'passed', path } : fail(path, problem));
    }),
  );
  stalls.end();
  return outcomes;
};

const fail = (path: Path, problem: string): Outcome => ({
  kind: 'failed',
  path,
  failure: { pathId: path.id, events: path.steps.map(({ event }) => event), problem, isLapse: false },
});

const walk = async (
  path: Path,
  steps: Path['steps'],
  target: WireTarget,
  { limits, profile }: RunOptions,
): Promise<string | undefined> => {
  for (const edge of steps) {
    const problem = await target.step(edge, expectedOf(edge.event, edge.from, limits, profile));
    if (problem !== undefined) return `${describeEvents(path.steps.map(({ event }) => event))}: ${problem}`;
  }
  return undefined;
};
