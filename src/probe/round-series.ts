/** A round in the text format of Prometheus (exposition format 0.0.4), for the textfile collector of node_exporter. */
import { timesOf } from './quantiles.ts';
import type { Round } from './run-round.ts';

const PREFIX = 'pyrycode_relay_probe_';

type Labels = Readonly<Record<string, string | number>>;

const escaped = (value: string | number): string =>
  String(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const cell = (name: string, labels: Labels, value: number): string => {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${PREFIX}${name}{${pairs.join(',')}} ${value}`;
};

const series = (
  type: 'gauge' | 'summary',
  name: string,
  help: string,
  cells: readonly (readonly [Labels, number])[],
): string[] => [
  `# HELP ${PREFIX}${name} ${help}`,
  `# TYPE ${PREFIX}${name} ${type}`,
  ...cells.map(([labels, value]) => cell(name, labels, value)),
];

const seconds = (ms: number): number => ms / 1_000;

/** Every check is there in every round. Round trips are there if they were measured. */
export const roundSeries = (target: string, round: Round): string => {
  const { checks } = round;
  const trips = timesOf(round.roundTrips).flatMap(({ from, bytes, p50Ms, p99Ms }) => [
    [{ target, from, bytes, quantile: '0.5' }, seconds(p50Ms)] as const,
    [{ target, from, bytes, quantile: '0.99' }, seconds(p99Ms)] as const,
  ]);
  const lines = [
    series('gauge', 'success', 'Whether all checks of the last round passed.', [
      [{ target }, round.isGood ? 1 : 0],
    ]),
    series('gauge', 'duration_seconds', 'How long the last round took.', [[{ target }, seconds(round.ms)]]),
    series('gauge', 'timestamp_seconds', 'When the last round ended.', [
      [{ target }, seconds(round.endedAt.getTime())],
    ]),
    series('gauge', 'dials', 'Connections that the last round dialled.', [[{ target }, round.dials]]),
    series(
      'gauge',
      'check_success',
      'Whether a check passed; 0 also if one before it failed.',
      checks.map(({ check, result }) => [{ target, check }, result === 'passed' ? 1 : 0]),
    ),
    series(
      'gauge',
      'check_failed',
      'Whether it is this check that failed.',
      checks.map(({ check, result }) => [{ target, check }, result === 'failed' ? 1 : 0]),
    ),
    series(
      'gauge',
      'check_duration_seconds',
      'How long a check took; 0 if it was not run.',
      checks.map(({ check, ms }) => [{ target, check }, seconds(ms)]),
    ),
    series(
      'summary',
      'round_trip_seconds',
      'A frame to the other side and back, by its length and who began.',
      trips,
    ),
  ];
  return `${lines.flat().join('\n')}\n`;
};
