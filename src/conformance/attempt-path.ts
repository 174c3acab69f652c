/** Runs one path on a fresh server-id, and again when the result proves nothing. */
import type { Path } from './covers.ts';
import { newServerId } from './new-server-id.ts';
import { allowancesOf } from './profile.ts';
import { type Failure, type PathRules, runPath, whySkipped } from './run-path.ts';
import type { Stalls } from './stalls.ts';
import { Overrun } from './target.ts';
import { GONE, isGone } from './target-gone.ts';
import { TIMED_EVENTS } from './wire-events.ts';
import { type WireOptions, WireTarget } from './wire-target.ts';

export interface RunOptions
  extends PathRules,
    Omit<WireOptions, 'serverId' | 'maxPhones' | 'stalls' | 'allows'> {
  readonly parallel: number;
}

export type Outcome =
  | { readonly kind: 'passed'; readonly path: Path }
  | { readonly kind: 'failed'; readonly path: Path; readonly failure: Failure }
  | { readonly kind: 'skipped'; readonly path: Path; readonly why: string }
  /** Each attempt overran the target's timers, or this process stood still in it. */
  | { readonly kind: 'inconclusive'; readonly path: Path };

/** Consecutive overruns; then the path waits until fewer are under way. */
const OVERRUNS_IN_A_ROW = 2;

/**
 * Consecutive failures needed to fail a path while a timer of the target runs: waits are short then, and a slow machine
 * looks like a silent target. Without a running timer, the first failure counts.
 */
const TIMED_FAILURES = 3;
/** Attempts, each of which shows what may happen now and then, that make it a failure. */
const MOST_LAPSES = 5;

const runsAgainstTimer = ({ steps }: Path): boolean =>
  steps.some(({ from }) => from.slot === 'grace' || from.slot === 'probing');

const runOnce = async (path: Path, options: RunOptions, stalls: Stalls): Promise<Failure | undefined> => {
  const { maxPhones } = options.limits;
  const allows = allowancesOf(options.profile);
  const target = new WireTarget({ ...options, maxPhones, stalls, allows, serverId: newServerId() });
  try {
    return await runPath(path, target, options);
  } finally {
    target.dispose();
  }
};

export const attemptPath = async (path: Path, options: RunOptions, stalls: Stalls): Promise<Outcome> => {
  const skipped = whySkipped(path, options.profile) ?? whyImpossible(path, options);
  if (skipped !== undefined) return { kind: 'skipped', path, why: skipped };
  let failures = 0;
  let lapses = 0;
  for (let overruns = 0; ; ) {
    try {
      const failure = await runOnce(path, options, stalls);
      if (failure === undefined) return { kind: 'passed', path };
      if (await isGone(options)) return { kind: 'failed', path, failure: { ...failure, problem: GONE } };
      if (failure.isLapse) lapses++;
      else failures++;
      const mostFailures = runsAgainstTimer(path) ? TIMED_FAILURES : 1;
      if (failures === mostFailures || lapses === MOST_LAPSES) return { kind: 'failed', path, failure };
    } catch (error) {
      if (!(error instanceof Overrun)) throw error;
      overruns++;
      if (overruns === OVERRUNS_IN_A_ROW) return { kind: 'inconclusive', path };
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
