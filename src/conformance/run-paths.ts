/** Runs many paths in parallel, each on its own server-id. */
import { randomBytes } from 'node:crypto';
import type { Path } from './covers.ts';
import { type Failure, type PathRules, runPath, whySkipped } from './run-path.ts';
import { Overrun } from './target.ts';
import { TIMED_EVENTS } from './wire-events.ts';
import { type WireOptions, WireTarget } from './wire-target.ts';

export interface RunOptions extends PathRules, Omit<WireOptions, 'serverId' | 'maxPhones'> {
  readonly parallel: number;
}

export type Outcome =
  | { readonly kind: 'passed'; readonly path: Path }
  | { readonly kind: 'failed'; readonly path: Path; readonly failure: Failure }
  | { readonly kind: 'skipped'; readonly path: Path; readonly why: string };

/** Attempts per path. After that many overruns the path is skipped, because this machine is too slow for it. */
const MOST_ATTEMPTS = 6;

/**
 * Consecutive failures needed to fail a path while a timer of the target runs: waits are short then, and a slow machine
 * looks like a silent target. Without a running timer, the first failure counts.
 */
const TIMED_FAILURES = 3;

const runsAgainstTimer = ({ steps }: Path): boolean =>
  steps.some(({ from }) => from.slot === 'grace' || from.slot === 'probing');

/** Random, so that it never collides with a real binary's id: the target may be in use. */
export const newServerId = (): string => `conformance-${randomBytes(8).toString('hex')}`;

const runOnce = async (path: Path, options: RunOptions): Promise<Failure | undefined> => {
  const target = new WireTarget({ ...options, maxPhones: options.limits.maxPhones, serverId: newServerId() });
  try {
    return await runPath(path, target, options);
  } finally {
    target.dispose();
  }
};

const attempt = async (path: Path, options: RunOptions): Promise<Outcome> => {
  const skipped = whySkipped(path, options.profile) ?? whyImpossible(path, options);
  if (skipped !== undefined) return { kind: 'skipped', path, why: skipped };
  let failuresLeft = runsAgainstTimer(path) ? TIMED_FAILURES : 1;
  for (let attempts = 1; ; attempts++) {
    try {
      const failure = await runOnce(path, options);
      if (failure === undefined) return { kind: 'passed', path };
      if (--failuresLeft === 0) return { kind: 'failed', path, failure };
    } catch (error) {
      if (!(error instanceof Overrun)) throw error;
      if (attempts < MOST_ATTEMPTS) continue;
      const why = `overran the target's timers ${MOST_ATTEMPTS} times: it needs longer ones, or fewer paths at once`;
      return { kind: 'skipped', path, why };
    }
  }
};

const whyImpossible = (
  { steps }: Path,
  { graceMs, probeTimeoutMs, patienceMs }: RunOptions,
): string | undefined => {
  if (steps.some(({ event }) => event === 'drain')) return 'needs a signal to the target';
  const waits = steps.filter(({ event }) => TIMED_EVENTS.has(event));
  const longestMs = Math.max(
    ...waits.map(({ event }) => {
      if (event === 'grace passes') return graceMs;
      return event === 'holder is silent' ? probeTimeoutMs : Math.max(graceMs, probeTimeoutMs);
    }),
  );
  return longestMs > patienceMs
    ? `would wait ${Math.round(longestMs / 1_000)} s, longer than the patience`
    : undefined;
};

/**
 * @param report called once per path, in order of completion; returning `false` stops further paths from starting
 */
export const runPaths = async (
  paths: readonly Path[],
  options: RunOptions,
  report: (outcome: Outcome) => boolean | void,
): Promise<void> => {
  const queue = [...paths];
  const work = async (): Promise<void> => {
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      if (report(await attempt(path, options)) === false) queue.length = 0;
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.parallel, paths.length) }, work));
};
