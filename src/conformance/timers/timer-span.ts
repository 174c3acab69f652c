/** How long a timer of the target ran, as seen from outside, and whether that is what was declared. */
import { formatDuration } from '../../config/quantities.ts';

export const TIMER_NAMES = [
  'grace',
  'probe-timeout',
  'heartbeat-interval',
  'heartbeat-timeout',
  'message-timeout',
  'write-timeout',
] as const;
/** Named as the flags that declare them. */
export type TimerName = (typeof TIMER_NAMES)[number];

/**
 * Two readings of one run, in milliseconds: from the last moment when the timer can have started, and from the first one.
 * A machine that stands still makes both longer, never shorter.
 */
export interface Span {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** A timer fires within this window around its declared length. */
export interface Window {
  readonly earliestMs: number;
  readonly latestMs: number;
}

/** Clocks of two machines, and their rounding, differ by far less. */
const EARLIEST_PART = 0.9;
const LATEST_PART = 1.25;
/** What a busy target and the network add. A part of the length as well, so that twice the length is always too long. */
const SLACK_MS = 1_000;
const SLACK_PART = 0.75;

/** @param extraMs what the target may add by design: it looks for stalls only now and then */
export const windowOf = (declaredMs: number, extraMs = 0): Window => ({
  earliestMs: EARLIEST_PART * declaredMs,
  latestMs: LATEST_PART * declaredMs + Math.min(SLACK_MS, SLACK_PART * declaredMs) + extraMs,
});

/** For example "1.5s", from milliseconds: what is measured is not more exact. */
const inWords = (ms: number): string => (ms < 1_000 ? `${Math.round(ms)}ms` : `${(ms / 1_000).toFixed(2)}s`);

export const describeWindow = ({ earliestMs, latestMs }: Window): string =>
  `${inWords(earliestMs)} to ${inWords(latestMs)}`;

export const describeTimer = (name: TimerName, declaredMs: number): string =>
  `${name} ${formatDuration(declaredMs)}`;

export const describeSpan = ({ mostMs }: Span): string => `fired after ${inWords(mostMs)}`;

export type Verdict = 'right' | 'too short' | 'too long';

export const judgeSpan = ({ leastMs, mostMs }: Span, { earliestMs, latestMs }: Window): Verdict => {
  if (mostMs < earliestMs) return 'too short';
  return leastMs > latestMs ? 'too long' : 'right';
};
