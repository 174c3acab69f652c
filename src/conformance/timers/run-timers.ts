/** Measures the timers of a relay, all at once, and says which are not of the declared length. */
import type { Check } from '../check.ts';
import { Stalls } from '../stalls.ts';
import { MEASUREMENTS, type Measurement } from './measure-timers.ts';
import { Stage, type StageOptions, Unmeasured } from './stage.ts';
import {
  describeSpan,
  describeTimer,
  describeWindow,
  judgeSpan,
  type TimerName,
  windowOf,
} from './timer-span.ts';

/** The declared lengths in milliseconds. */
export type Lengths = Readonly<Record<TimerName, number>>;

export interface TimerOptions extends StageOptions {
  readonly lengths: Lengths;
  readonly timers: ReadonlySet<TimerName>;
}

/** Measurements that must be too long in a row, or spoilt in all: a busy target may be late once. */
const MOST_ATTEMPTS = 3;
/** This process may not have stood still for more than this part of the length. */
const STALLED_PART = 0.2;
/** How much longer than right a timer is waited for, to say how long it is. */
const LONGEST_PART = 4;
const LONGEST_EXTRA_MS = 60_000;

/** The only timer that can be taken for another one. */
const MAY_BE_HEARTBEAT = 'which may have been the heartbeat: give the target a longer one';

/** @returns the wait that ends when a timer that is far too long has fired */
const longestWait = (declaredMs: number, latestMs: number): number =>
  Math.max(latestMs + 1_000, Math.min(LONGEST_PART * declaredMs, declaredMs + LONGEST_EXTRA_MS));

const checkTimer = async (
  { timer, extraMs, waitsFor, mayBeOtherMs, measure }: Measurement,
  { lengths, ...options }: TimerOptions,
  stalls: Stalls,
): Promise<Check> => {
  const declaredMs = lengths[timer];
  const window = windowOf(declaredMs, extraMs);
  const check = { group: 'timer', id: timer, title: describeTimer(timer, declaredMs) } as const;
  const rightMs = waitsFor.reduce((sum, name) => sum + lengths[name], 0);
  if (rightMs > options.patienceMs) {
    const text = `would wait ${Math.round(rightMs / 1_000)} s, longer than the patience`;
    return { ...check, kind: 'skipped', text };
  }
  const right = `expected ${describeWindow(window)}`;
  let problem: string | undefined;
  let failures = 0;
  for (let attempts = 1; attempts <= MOST_ATTEMPTS; attempts++) {
    const stage = new Stage(options);
    const startedAtMs = performance.now();
    try {
      const span = await measure(stage, (name) =>
        longestWait(lengths[name], windowOf(lengths[name], extraMs).latestMs),
      );
      const verdict = judgeSpan(span, window);
      problem = `${describeSpan(span)}, ${right}`;
      if (verdict !== 'too long' && span.mostMs >= (mayBeOtherMs?.(lengths) ?? Number.POSITIVE_INFINITY))
        return { ...check, kind: 'skipped', text: `${problem}, ${MAY_BE_HEARTBEAT}` };
      // A machine that stands still makes no timer look shorter than it is, but maybe one that is too short look right.
      if (verdict === 'too short') return { ...check, kind: 'failed', text: problem };
      const isCertain = span.mostMs - stalls.longestSince(startedAtMs) >= window.earliestMs;
      if (verdict === 'right' && isCertain) return { ...check, kind: 'passed', text: problem };
    } catch (error) {
      problem =
        error instanceof Unmeasured
          ? `${error.message}, ${right}`
          : error instanceof Error
            ? error.message
            : 'failed';
    } finally {
      stage.clear();
    }
    if (stalls.longestSince(startedAtMs) <= STALLED_PART * declaredMs) failures++;
  }
  return failures === MOST_ATTEMPTS
    ? { ...check, kind: 'failed', text: problem ?? right }
    : { ...check, kind: 'inconclusive', text: `${problem}, but this machine stood still meanwhile` };
};

/** In the order of `TIMER_NAMES`. */
export const runTimers = async (options: TimerOptions): Promise<Check[]> => {
  const stalls = new Stalls();
  const chosen = MEASUREMENTS.filter(({ timer }) => options.timers.has(timer));
  const checks = await Promise.all(chosen.map((measurement) => checkTimer(measurement, options, stalls)));
  stalls.end();
  return checks;
};
