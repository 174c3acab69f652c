/** Results as text, JSON and JUnit. */
import type { Outcome } from './attempt-path.ts';
import type { Check } from './check.ts';
import { describePath } from './covers.ts';
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

const failuresOf = (outcomes: readonly Outcome[]): Failure[] =>
  outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [outcome.failure] : []));

/** Groups failures: the same problem after the same event counts as one kind. */
const kindOf = ({ events, problem }: Failure): string => `${events.at(-1)} → ${problem}`;

/** One line per kind of failure, with the shortest path that shows it and the id to run it again. */
export const failureLines = (outcomes: readonly Outcome[]): string[] => {
  return [...groupByKind(failuresOf(outcomes)).values()].map((failures) => {
    const [shortest, ...others] = failures.toSorted((a, b) => a.events.length - b.events.length);
    if (shortest === undefined) return '';
    const more = others.length > 0 ? ` (and ${others.length} more like it)` : '';
    return `FAIL ${describeFailure(shortest)}${more}   --only ${shortest.pathId}`;
  });
};

const groupByKind = (failures: readonly Failure[]): Map<string, Failure[]> => {
  const kinds = new Map<string, Failure[]>();
  for (const failure of failures)
    kinds.set(kindOf(failure), [...(kinds.get(kindOf(failure)) ?? []), failure]);
  return kinds;
};

const INCONCLUSIVE =
  "each attempt overran the target's timers, or this machine stood still: give the target longer ones, or use a lower --parallel";

/** At most one line. */
export const inconclusiveLines = (outcomes: readonly Outcome[]): string[] => {
  const paths = outcomes.filter(({ kind }) => kind === 'inconclusive').map(({ path }) => path);
  const [first] = paths;
  return first === undefined
    ? []
    : [`INCONCLUSIVE ${paths.length} paths: ${INCONCLUSIVE}   --only ${first.id}`];
};

/** One line per reason for skipping, with the number of paths. */
export const skipLines = (outcomes: readonly Outcome[]): string[] => {
  const reasons = new Map<string, number>();
  for (const outcome of outcomes) {
    if (outcome.kind === 'skipped') reasons.set(outcome.why, (reasons.get(outcome.why) ?? 0) + 1);
  }
  return [...reasons].map(([why, times]) => `SKIP ${times} paths: ${why}`);
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

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);
/** For visible text, as all of it is: XML 1.0 forbids most control characters, even escaped. */
const escapeXml = (text: string): string => text.replaceAll(/[&<>"]/g, (char) => ESCAPES.get(char) ?? char);

interface Case {
  readonly className: string;
  readonly name: string;
  readonly kind: Outcome['kind'];
  /** Of what has not passed. */
  readonly message: string;
}

const messageOf = (outcome: Outcome): string => {
  if (outcome.kind === 'failed') return describeFailure(outcome.failure);
  return outcome.kind === 'skipped' ? outcome.why : INCONCLUSIVE;
};

const toCase = ({ className, name, kind, message }: Case): string => {
  const open = `  <testcase classname="${className}" name="${escapeXml(name)}"`;
  if (kind === 'passed') return `${open}/>`;
  const prefix = kind === 'inconclusive' ? 'inconclusive: ' : '';
  const element = kind === 'failed' ? 'failure' : 'skipped';
  return `${open}><${element} message="${prefix}${escapeXml(message)}"/></testcase>`;
};

export const toJunit = (outcomes: readonly Outcome[], checks: readonly Check[]): string => {
  const { failed, skipped, inconclusive } = summarize(outcomes, checks);
  const cases = [
    ...outcomes.map((outcome) => {
      const name = `${outcome.path.id}: ${describePath(outcome.path)}`;
      return toCase({ className: 'conformance', name, kind: outcome.kind, message: messageOf(outcome) });
    }),
    ...checks.map(({ group, id, title, kind, text }) =>
      toCase({ className: `conformance.${group}`, name: `${id}: ${title}`, kind, message: text }),
    ),
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="pyrycode-relay conformance" tests="${cases.length}" failures="${failed}" skipped="${skipped + inconclusive}">`,
    ...cases,
    '</testsuite>',
    '',
  ].join('\n');
};
