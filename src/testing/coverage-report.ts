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

export interface PairReport {
  readonly covered: number;
  readonly possible: number;
  /** Those that never followed each other, and of which no rule says why. */
  readonly missed: readonly string[];
  readonly excepted: readonly { readonly name: string; readonly reason: string }[];
}

/** Why some pairs are not covered. A rule that holds for a pair which is covered is wrong. */
export interface PairException {
  readonly reason: string;
  /** @param first key of the transition that comes first: "door.open on close [0]" */
  readonly holdsFor: (first: string, second: string) => boolean;
}

export interface ChartReport extends Readonly<Record<Kind, readonly CoveragePart[]>> {
  /** The id of the machine. */
  readonly chart: string;
  /** Pairs of transitions that can follow each other. Undefined if they are not known. */
  readonly pairs: PairReport | undefined;
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
  readonly pairExceptions?: readonly PairException[];
}

/** What is known of the pairs, and those for which a rule holds though they are covered. */
const reportPairs = (
  coverage: ChartCoverage,
  possible: ReadonlySet<string>,
  exceptions: readonly PairException[],
): { readonly pairs: PairReport; readonly needless: readonly string[] } => {
  const reasonOf = (pair: string): string | undefined => {
    const [first = '', second = ''] = pair.split(' » ');
    return exceptions.find(({ holdsFor }) => holdsFor(first, second))?.reason;
  };
  const all = [...possible].map((name) => ({
    name,
    isCovered: coverage.pairs.has(name),
    reason: reasonOf(name),
  }));
  const open = all.filter(({ isCovered }) => !isCovered);
  return {
    pairs: {
      covered: all.length - open.length,
      possible: all.length,
      missed: open.flatMap(({ name, reason }) => (reason === undefined ? [name] : [])),
      excepted: open.flatMap(({ name, reason }) => (reason === undefined ? [] : [{ name, reason }])),
    },
    needless: all.flatMap(({ name, isCovered, reason }) =>
      isCovered && reason !== undefined ? [`${name}: ${reason}`] : [],
    ),
  };
};

export const reportCoverage = (
  coverage: ChartCoverage,
  { exceptions = {}, pairs, pairExceptions = [] }: ReportOptions = {},
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
  const ofPairs = pairs && reportPairs(coverage, pairs, pairExceptions);
  const results = new Map(all.map(({ name, result }) => [name, result]));
  return {
    chart: coverage.machine.id,
    ...parts,
    pairs: ofPairs?.pairs,
    needless: [
      ...Object.keys(exceptions).filter((name) => results.get(name) === 'covered'),
      ...(ofPairs?.needless ?? []),
    ],
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

/** "121 of 130 pairs of transitions (78 excepted)" */
export const countOfPairs = ({ covered, possible, excepted }: PairReport): string =>
  `${covered} of ${possible - excepted.length} pairs of transitions${excepted.length > 0 ? ` (${excepted.length} excepted)` : ''}`;

/** One line for each chart, then one for each part that is missed or excepted. */
export const coverageText = (reports: readonly ChartReport[]): string =>
  reports
    .flatMap((report) => {
      const { chart, pairs, needless, unknown } = report;
      const counts = KINDS.map((kind) => countOf(report, kind));
      const ofPairs = pairs === undefined ? [] : [countOfPairs(pairs)];
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

/** What a test compares with nothing: parts and pairs that are missed, and exceptions for what the chart does not have. */
export const uncovered = (report: ChartReport): string[] => [
  ...KINDS.flatMap((kind) => report[kind]).flatMap(({ name, result }) => (result === 'missed' ? [name] : [])),
  ...(report.pairs?.missed ?? []),
  ...report.unknown.map((name) => `exception for no part of the chart: ${name}`),
];
