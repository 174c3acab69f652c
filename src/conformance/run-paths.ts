/** Runs many paths in parallel. Those without a result run again, fewer at once: this machine may be busy. */
import { attemptPath, type Outcome, type RunOptions } from './attempt-path.ts';
import type { Path } from './covers.ts';
import { Stalls } from './stalls.ts';
import { GONE } from './target-gone.ts';

/** Each round runs this fraction of the paths of the one before at once. */
const ROUND_PARTS = [1, 1 / 4, 1 / 16];
/** With so many paths in a row without a result in the last round, the others are not tried: it is a matter of the timers. */
const MOST_IN_VAIN = 8;

/** Whether the target ended while this path was under way: the others cannot be tried. */
export const endedTarget = (outcome: Outcome): boolean =>
  outcome.kind === 'failed' && outcome.failure.problem === GONE;

/**
 * @param report called once per path, in order of completion; returning `false` stops further paths from starting
 */
export const runPaths = async (
  paths: readonly Path[],
  options: RunOptions,
  report: (outcome: Outcome) => boolean | void,
): Promise<void> => {
  const stalls = new Stalls();
  let queue = [...paths];
  let isStopped = false;
  let isGone = false;
  const outcomeOf = async (path: Path, isHopeless: boolean): Promise<Outcome> => {
    if (isGone) return { kind: 'skipped', path, why: GONE };
    if (isHopeless) return { kind: 'inconclusive', path };
    const outcome = await attemptPath(path, options, stalls);
    if (endedTarget(outcome)) isGone = true;
    return outcome;
  };
  for (const part of ROUND_PARTS) {
    const again: Outcome[] = [];
    const isLast = part === ROUND_PARTS.at(-1);
    let inVain = 0;
    const work = async (): Promise<void> => {
      for (let path = queue.shift(); path !== undefined && !isStopped; path = queue.shift()) {
        const outcome = await outcomeOf(path, isLast && inVain >= MOST_IN_VAIN);
        inVain = outcome.kind === 'inconclusive' ? inVain + 1 : 0;
        if (outcome.kind === 'inconclusive' && !isLast) again.push(outcome);
        else if (report(outcome) === false) isStopped = true;
      }
    };
    const parallel = Math.ceil(Math.min(options.parallel, paths.length) * part);
    await Promise.all(Array.from({ length: parallel }, work));
    queue = again.map(({ path }) => path);
  }
  stalls.end();
};
