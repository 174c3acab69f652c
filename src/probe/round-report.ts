/** A round for people, and as JSON. */
import { CHECKS } from './check-names.ts';
import type { CheckResult } from './probe-session.ts';
import { quantilesOf, type RoundTripTimes, timesOf } from './quantiles.ts';
import type { Round } from './run-round.ts';

const shownMs = (ms: number): string => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;

const failureOf = ({ checks }: Round): CheckResult | undefined =>
  checks.find(({ result }) => result === 'failed');

/** Of the smallest frames, which show the way rather than its width. */
const smallest = ({ roundTrips }: Round): string => {
  const bytes = Math.min(...roundTrips.map((trip) => trip.bytes));
  const { count, p50Ms, p99Ms } = quantilesOf(
    roundTrips.filter((trip) => trip.bytes === bytes).map(({ ms }) => ms),
  );
  return count === 0 ? '' : `, p50 ${shownMs(p50Ms)}, p99 ${shownMs(p99Ms)}`;
};

/** For a probe that goes on: when, how it ended, and why. */
export const roundLine = (round: Round): string => {
  const failure = failureOf(round);
  const end = failure === undefined ? 'ok' : `FAIL ${failure.check}: ${failure.problem}`;
  return `${round.endedAt.toISOString()} ${shownMs(round.ms)}${smallest(round)} ${end}\n`;
};

const checkLine = ({ check, result, ms, problem }: CheckResult): string => {
  if (result === 'failed') return `FAIL ${check}: ${problem}`;
  const summary = CHECKS.find(({ name }) => name === check)?.summary ?? '';
  return `ok   ${check}: ${summary}, ${shownMs(ms)}`;
};

const WIDTHS = [14, 16, 12, 12, 0];

const timesLine = ({ from, bytes, count, p50Ms, p99Ms }: RoundTripTimes): string =>
  [`  ${bytes} bytes`, `from the ${from}`, `p50 ${shownMs(p50Ms)}`, `p99 ${shownMs(p99Ms)}`, `of ${count}`]
    .map((cell, at) => cell.padEnd(WIDTHS[at] ?? 0))
    .join(' ');

export const roundText = (target: string, { checks, roundTrips, dials, ms }: Round): string => {
  const passed = checks.filter(({ result }) => result === 'passed').length;
  const missing = checks.filter(({ result }) => result === 'not run').map(({ check }) => check);
  const times = timesOf(roundTrips).map(timesLine);
  return [
    ...checks.filter(({ result }) => result !== 'not run').map(checkLine),
    ...(missing.length === 0 ? [] : [`not run: ${missing.join(', ')}`]),
    ...(times.length === 0 ? [] : ['Round trips:', ...times]),
    `${target}: ${passed} of ${checks.length} checks passed; ${dials} connections, in ${shownMs(ms)}`,
    '',
  ].join('\n');
};

/** One line. */
export const roundJson = (target: string, round: Round): string => {
  const { isGood, checks, roundTrips, dials, ms, endedAt } = round;
  const times = timesOf(roundTrips);
  return `${JSON.stringify({ target, success: isGood, endedAt, ms, dials, checks, roundTrips: times })}\n`;
};
