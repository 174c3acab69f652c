/** What was covered of a chart and what was not, part by part, as data and as text. */
import type { ChartCoverage } from './chart-coverage.ts';
import { chartParts, transitionKey } from './chart-parts.ts';

export interface CoveragePart {
  readonly name: string;
  /** "missed" needs a test; "excepted" has a reason why it has none. */
  readonly result: 'covered' | 'missed' | 'excepted';
  readonly reason?: string;
  /** The transition's or state's own id, by which pictures know it. */
  readonly at: { readonly source: string; readonly event?: string; readonly index?: number };
}

export const KINDS = ['states', 'transitions', 'guards', 'delays'] as const;
export type Kind = (typeof KINDS)[number];

export interface ChartReport extends Readonly<Record<Kind, readonly CoveragePart[]>> {
  /** The id of the machine. */
  readonly chart: string;
  /** Pairs of transitions that can follow each other; `missed` are those that never did. Undefined if they are not known. */
  readonly pairs:
    | { readonly covered: number; readonly possible: number; readonly missed: readonly string[] }
    | undefined;
  /** Exceptions that are covered after all. */
  readonly needless: readonly string[];
  /** Exceptions for parts that the chart does not have. */
  readonly unknown: readonly string[];
}

export interface ReportOptions {
  /** By the name of the part, why it is not covered. */
  readonly exceptions?: Readonly<Record<string, string>>;
  /** From `possiblePairs`. */
  readonly pairs?: ReadonlySet<string>;
}

export const reportCoverage = (
  coverage: ChartCoverage,
  { exceptions = {}, pairs }: ReportOptions = {},
): ChartReport => {
  const { states, transitions, delays } = chartParts(coverage.machine);
  const part = (name: string, isCovered: boolean, at: CoveragePart['at']): CoveragePart => {
    if (isCovered) return { name, result: 'covered', at };
    const reason = exceptions[name];
    return reason === undefined ? { name, result: 'missed', at } : { name, result: 'excepted', reason, at };
  };
  const parts: Record<Kind, CoveragePart[]> = {
    states: states.map((id) => part(id, coverage.states.has(id), { source: id })),
    transitions: transitions.map(({ name, source, event, index }) =>
      part(name, coverage.transitions.has(transitionKey(source, event, index)), { source, event, index }),
    ),
    guards: transitions.flatMap(({ source, event, index, guard }) => {
      if (guard === undefined) return [];
      const key = transitionKey(source, event, index);
      const at = { source, event, index };
      return [
        part(`${key} ${guard}: holds`, coverage.transitions.has(key), at),
        part(`${key} ${guard}: does not hold`, coverage.rejected.has(key), at),
      ];
    }),
    delays: delays.flatMap(({ name, event }) => {
      const at = { source: name.slice(name.indexOf(' of ') + 4), event };
      return [
        part(`${name}: fires`, coverage.fired.has(event), at),
        part(`${name}: is cancelled`, coverage.cancelled.has(event), at),
      ];
    }),
  };
  const all = KINDS.flatMap((kind) => parts[kind]);
  const results = new Map(all.map(({ name, result }) => [name, result]));
  return {
    chart: coverage.machine.id,
    ...parts,
    pairs: pairs && {
      covered: [...pairs].filter((pair) => coverage.pairs.has(pair)).length,
      possible: pairs.size,
      missed: [...pairs].filter((pair) => !coverage.pairs.has(pair)),
    },
    needless: Object.keys(exceptions).filter((name) => results.get(name) === 'covered'),
    unknown: Object.keys(exceptions).filter((name) => !results.has(name)),
  };
};

const LABELS: Readonly<Record<Kind, string>> = {
  states: 'states',
  transitions: 'transitions',
  guards: 'guard outcomes',
  delays: 'timers fired and cancelled',
};

/** "9 of 9 states": what is excepted counts as neither. */
export const countOf = (report: ChartReport, kind: Kind): string => {
  const counted = report[kind].filter(({ result }) => result !== 'excepted');
  const covered = counted.filter(({ result }) => result === 'covered').length;
  const excepted = report[kind].length - counted.length;
  return `${covered} of ${counted.length} ${LABELS[kind]}${excepted > 0 ? ` (${excepted} excepted)` : ''}`;
};

/** One line for each chart, then one for each part that is missed or excepted. */
export const coverageText = (reports: readonly ChartReport[]): string =>
  reports
    .flatMap((report) => {
      const { chart, pairs, needless, unknown } = report;
      const counts = KINDS.map((kind) => countOf(report, kind));
      const ofPairs =
        pairs === undefined ? [] : [`${pairs.covered} of ${pairs.possible} pairs of transitions`];
      const parts = KINDS.flatMap((kind) => report[kind]);
      return [
        `${chart}: ${[...counts, ...ofPairs].join(', ')}`,
        ...parts.flatMap(({ name, result }) => (result === 'missed' ? [`  MISSED ${name}`] : [])),
        ...parts.flatMap(({ name, reason }) =>
          reason === undefined ? [] : [`  EXCEPTED ${name}: ${reason}`],
        ),
        ...needless.map((name) => `  NEEDLESS EXCEPTION ${name}`),
        ...unknown.map((name) => `  UNKNOWN EXCEPTION ${name}`),
      ];
    })
    .map((line) => `${line}\n`)
    .join('');

export const coverageJson = (reports: readonly ChartReport[]): string =>
  `${JSON.stringify({ version: 1, charts: reports }, null, 2)}\n`;

/** What a test compares with nothing: parts that are missed, and exceptions for what the chart does not have. */
export const uncovered = (report: ChartReport): string[] => [
  ...KINDS.flatMap((kind) => report[kind]).flatMap(({ name, result }) => (result === 'missed' ? [name] : [])),
  ...report.unknown.map((name) => `exception for no part of the chart: ${name}`),
];
