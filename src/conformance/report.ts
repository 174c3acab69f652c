/** Results as text, JSON and JUnit. */
import type { Outcome } from './attempt-path.ts';
import type { Check } from './check.ts';
import { describePath } from './covers.ts';
import { type Case, toJunitXml } from './junit.ts';
import { describeFailure, type Failure } from './run-path.ts';

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly inconclusive: number;
}

export const summarize = (outcomes: readonly Outcome[], checks: readonly Check[] = []): Summary => {
  const results = [...outcomes, ...checks];
  const count = (kind: Outcome['kind']): number => results.filter((result) => result.kind === kind).length;
  const [passed, failed, skipped] = [count('passed'), count('failed'), count('skipped')];
  return { passed, failed, skipped, inconclusive: count('inconclusive') };
};

export const failuresOf = (outcomes: readonly Outcome[]): Failure[] =>
  outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [outcome.failure] : []));

const countOf = (paths: number): string => (paths === 1 ? '1 path' : `${paths} paths`);

const INCONCLUSIVE =
  "each attempt overran the target's timers, or this machine stood still: give the target longer ones, or use a lower --parallel";

/** At most one line. */
export const inconclusiveLines = (outcomes: readonly Outcome[]): string[] => {
  const paths = outcomes.filter(({ kind }) => kind === 'inconclusive').map(({ path }) => path);
  const [first] = paths;
  return first === undefined
    ? []
    : [`INCONCLUSIVE ${countOf(paths.length)}: ${INCONCLUSIVE}   --only ${first.id}`];
};

/** One line per reason for skipping, with the number of paths. */
export const skipLines = (outcomes: readonly Outcome[]): string[] => {
  const reasons = new Map<string, number>();
  for (const outcome of outcomes) {
    if (outcome.kind === 'skipped') reasons.set(outcome.why, (reasons.get(outcome.why) ?? 0) + 1);
  }
  return [...reasons].map(([why, times]) => `SKIP ${countOf(times)}: ${why}`);
};

export const summaryLine = ({ passed, failed, skipped, inconclusive }: Summary): string => {
  const unknown = inconclusive === 0 ? '' : `, ${inconclusive} inconclusive`;
  return `${passed} passed, ${failed} failed, ${skipped} skipped${unknown}`;
};

export const toJson = (outcomes: readonly Outcome[], checks: readonly Check[]): string => {
  const paths = outcomes.map((outcome) => ({
    id: outcome.path.id,
    events: outcome.path.steps.map(({ event }) => event),
    result: outcome.kind,
    ...(outcome.kind === 'failed' && {
      failedAt: outcome.failure.events.length - 1,
      problem: outcome.failure.problem,
    }),
    ...(outcome.kind === 'skipped' && { why: outcome.why }),
    ...(outcome.kind === 'inconclusive' && { why: INCONCLUSIVE }),
  }));
  const others = checks.map(({ kind, ...check }) => ({ ...check, result: kind }));
  return `${JSON.stringify({ summary: summarize(outcomes, checks), paths, checks: others }, null, 2)}\n`;
};

const messageOf = (outcome: Outcome): string => {
  if (outcome.kind === 'failed') return describeFailure(outcome.failure);
  return outcome.kind === 'skipped' ? outcome.why : INCONCLUSIVE;
};

/** JUnit knows nothing inconclusive. */
const caseOf = (className: string, name: string, kind: Outcome['kind'], message: string): Case =>
  kind === 'inconclusive'
    ? { className, name, kind: 'skipped', message: `inconclusive: ${message}` }
    : { className, name, kind, message };

export const toJunit = (outcomes: readonly Outcome[], checks: readonly Check[]): string =>
  toJunitXml('pyrycode-relay conformance', [
    ...outcomes.map((outcome) => {
      const name = `${outcome.path.id}: ${describePath(outcome.path)}`;
      return caseOf('conformance', name, outcome.kind, messageOf(outcome));
    }),
    ...checks.map(({ group, id, title, kind, text }) =>
      caseOf(`conformance.${group}`, `${id}: ${title}`, kind, text),
    ),
  ]);
