/**
 * Random walks through a graph, of several subjects at once whose steps interleave. A walk that fails is shrunk to one from
 * which no step can be taken away. The seed of a walk makes it again.
 */
import { describeEvents, type Edge } from './covers.ts';
import { shrink } from './shrink.ts';

/** A step of one of the subjects. */
export interface WalkStep<G> {
  /** 0 for the first subject. */
  readonly subject: number;
  readonly edge: G;
}

export type Walk<G> = readonly WalkStep<G>[];

export interface WalkOptions<S, G extends Edge<S>> {
  readonly graph: readonly G[];
  /** Where each subject begins. */
  readonly start: S;
  readonly key: (situation: S) => string;
  /** How many subjects there are. Each needs its own state in the program under test. */
  readonly subjects?: number;
  readonly walks?: number;
  readonly mostSteps?: number;
  /** Of the first walk; the next ones follow. A random one by default. */
  readonly seed?: number;
  /** Throws, or rejects, if the program under test does not do what it should. */
  readonly run: (walk: Walk<G>) => void | Promise<void>;
}

export interface WalkFailure<G> {
  /** The shortest walk found that fails. */
  readonly walk: Walk<G>;
  readonly error: unknown;
  /** Makes the walk again, before it was shrunk, with `walks: 1`. */
  readonly seed: number;
  readonly stepsBefore: number;
}

/** Mulberry32: 32 bits of state, enough to pick steps. */
const randomFrom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};

interface Choice {
  readonly subject: number;
  readonly event: string;
}

const groupByOrigin = <S, G extends Edge<S>>({ graph, key }: WalkOptions<S, G>): Map<string, G[]> => {
  const groups = new Map<string, G[]>();
  for (const edge of graph) groups.set(key(edge.from), [...(groups.get(key(edge.from)) ?? []), edge]);
  return groups;
};

/** Walks where the choices lead. A choice that is impossible, because an earlier one was taken away, is left out. */
const follow = <S, G extends Edge<S>>(
  choices: Iterable<Choice>,
  groups: ReadonlyMap<string, readonly G[]>,
  { start, key, subjects = 1 }: WalkOptions<S, G>,
): Walk<G> => {
  const at = Array.from({ length: subjects }, () => key(start));
  const walk: WalkStep<G>[] = [];
  for (const { subject, event } of choices) {
    const edge = groups.get(at[subject] ?? '')?.find((each) => each.event === event);
    if (edge === undefined) continue;
    at[subject] = key(edge.to);
    walk.push({ subject, edge });
  }
  return walk;
};

const wander = <S, G extends Edge<S>>(
  seed: number,
  groups: ReadonlyMap<string, readonly G[]>,
  { start, key, subjects = 1, mostSteps = 50 }: WalkOptions<S, G>,
): Walk<G> => {
  const random = randomFrom(seed);
  const at = Array.from({ length: subjects }, () => key(start));
  const walk: WalkStep<G>[] = [];
  for (let left = 1 + Math.floor(random() * mostSteps); left > 0; left--) {
    const subject = Math.floor(random() * subjects);
    const edges = groups.get(at[subject] ?? '') ?? [];
    const edge = edges[Math.floor(random() * edges.length)];
    if (edge === undefined) continue;
    at[subject] = key(edge.to);
    walk.push({ subject, edge });
  }
  return walk;
};

/** @returns the first failure; undefined if every walk passes */
export const findFailingWalk = async <S, G extends Edge<S>>(
  options: WalkOptions<S, G>,
): Promise<WalkFailure<G> | undefined> => {
  const { walks = 100, seed = Math.floor(Math.random() * 2 ** 32), run } = options;
  const groups = groupByOrigin(options);
  const errorOf = async (walk: Walk<G>): Promise<{ error: unknown } | undefined> => {
    try {
      await run(walk);
      return undefined;
    } catch (error) {
      return { error };
    }
  };
  for (let n = 0; n < walks; n++) {
    const walk = wander(seed + n, groups, options);
    const failed = await errorOf(walk);
    if (failed === undefined) continue;
    let last = { walk, ...failed };
    const choices = walk.map(({ subject, edge }) => ({ subject, event: edge.event }));
    await shrink(choices, async (fewer) => {
      const shorter = follow(fewer, groups, options);
      const error = await errorOf(shorter);
      if (error !== undefined) last = { walk: shorter, ...error };
      return error !== undefined;
    });
    return { ...last, seed: seed + n, stepsBefore: walk.length };
  }
  return undefined;
};

/** "0: claim, register x2; 1: claim": what each subject did. */
export const describeWalk = (walk: Walk<Edge<unknown>>): string => {
  const subjects = [...new Set(walk.map(({ subject }) => subject))].toSorted((a, b) => a - b);
  const eventsOf = (subject: number): string =>
    describeEvents(walk.filter((step) => step.subject === subject).map(({ edge }) => edge.event));
  if (subjects.length === 1) return eventsOf(subjects[0] ?? 0);
  return subjects.map((subject) => `${subject}: ${eventsOf(subject)}`).join('; ');
};

/** @throws for the first walk that fails, with its steps after shrinking, its seed, and the error as `cause` */
export const assertWalks = async <S, G extends Edge<S>>(options: WalkOptions<S, G>): Promise<void> => {
  const failure = await findFailingWalk(options);
  if (failure === undefined) return;
  const { walk, error, seed, stepsBefore } = failure;
  const problem = error instanceof Error ? error.message : String(error);
  const walked = `${describeWalk(walk)} → `;
  throw new Error(
    // `drivePath` has said it already if the walk failed at its last step.
    `${problem.startsWith(walked) ? '' : walked}${problem}\n(${walk.length} of ${stepsBefore} steps; again with seed ${seed}, walks 1)`,
    { cause: error },
  );
};
