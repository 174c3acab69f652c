/** Runs one path against a target and reports the first step that fails. */
import type { Path } from './covers.ts';
import { describeEvents } from './covers.ts';
import type { Limits } from './expectations.ts';
import { expectedOf, isSkipped, type Profile } from './profile.ts';
import { Lapse, type Target } from './target.ts';
import type { WireEvent } from './wire-events.ts';

export interface Failure {
  readonly pathId: string;
  /** The events up to and including the failed step. */
  readonly events: readonly WireEvent[];
  /** For example "expected 4429, got open". */
  readonly problem: string;
  /** True for what may happen now and then. */
  readonly isLapse: boolean;
}

export const describeFailure = ({ events, problem }: Failure): string =>
  `${describeEvents(events)} → ${problem}`;

export interface PathRules {
  readonly limits: Limits;
  readonly profile: Profile;
}

/** @throws Overrun if the target does */
export const runPath = async (
  path: Path,
  target: Target,
  { limits, profile }: PathRules,
): Promise<Failure | undefined> => {
  const events: WireEvent[] = [];
  const failure = (problem: string, isLapse: boolean): Failure => ({
    pathId: path.id,
    events,
    problem,
    isLapse,
  });
  try {
    for (const edge of path.steps) {
      events.push(edge.event);
      const problem = await target.step(edge, expectedOf(edge.event, edge.from, limits, profile));
      if (problem !== undefined) return failure(problem, false);
    }
    const problem = await target.finish();
    return problem === undefined ? undefined : failure(problem, false);
  } catch (error) {
    if (error instanceof Lapse) return failure(error.message, true);
    throw error;
  }
};

/** Why a path cannot run against a target of this profile; undefined if it can. */
export const whySkipped = (path: Path, profile: Profile): string | undefined => {
  const unseen = path.steps.find((step) => isSkipped(step, profile));
  return unseen && `profile ${profile} says nothing of "${unseen.event}" with ${unseen.from.line} in line`;
};
