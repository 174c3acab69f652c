/** How long to wait for a target whose own timers are running, and when a path becomes inconclusive. */
import type { Stalls } from './stalls.ts';
import { Overrun } from './target.ts';
import { type Situation, TIMED_EVENTS, type WireEvent } from './wire-events.ts';

/** Waits end by this fraction of the timer's duration, before the timer can expire. */
const SAFE_PART = 0.75;
/** After this fraction, a result may be caused by the timer. */
const LATEST_PART = 0.9;
/** A wait shorter than this fraction is too short to prove that something is missing. */
const LEAST_PART = 0.3;
/** Timeout for anything that does not depend on a timer of the target. */
export const PROMPT_MS = 5_000;
/** Timeout for the close of a drain: longer than its deadline, the default of 10 s, after which a peer is cut. */
const DRAIN_MS = 15_000;
/** A wait during which this process stood still for this fraction of its time proves nothing. */
const STALLED_PART = 0.2;

export interface TargetTimers {
  /** The target's configuration. */
  readonly graceMs: number;
  readonly probeTimeoutMs: number;
}

export class TimerWindow {
  readonly #timers: TargetTimers;
  readonly #stalls: Stalls;
  #steppedAtMs = performance.now();
  /** When the current timed state was entered. Never later than the target's own time of entry. */
  #enteredAtMs = performance.now();
  #at: Situation = { slot: 'unclaimed', phones: 0, line: 0 };

  constructor(timers: TargetTimers, stalls: Stalls) {
    this.#timers = timers;
    this.#stalls = stalls;
  }

  get at(): Situation {
    return this.#at;
  }

  /** Marks the start of a step. */
  moveTo(situation: Situation): void {
    this.#at = situation;
    this.#steppedAtMs = performance.now();
  }

  /** Marks the end of a step. If it started a timer, the timer started at `sinceMs` or later. */
  enter(situation: Situation, sinceMs: number): void {
    if (situation.slot !== this.#at.slot) this.#enteredAtMs = sinceMs;
    this.#at = situation;
  }

  /**
   * Passes `problem` through, unless a running timer may have caused it, or that this process stood still.
   * @throws Overrun if the result was seen too late, except for events that wait for the timer
   */
  unlessLate(problem: string | undefined, event?: WireEvent): string | undefined {
    const mostStalledMs = STALLED_PART * Math.min(PROMPT_MS, this.#runMs());
    if (problem !== undefined && this.#stalls.longestSince(this.#steppedAtMs) > mostStalledMs)
      throw new Overrun();
    if (event !== undefined && TIMED_EVENTS.has(event)) return problem;
    // A wait that used up its whole time ends at SAFE_PART, before this limit, so it stays conclusive.
    if (performance.now() > this.#enteredAtMs + LATEST_PART * this.#runMs()) throw new Overrun();
    return problem;
  }

  /**
   * Timeout for anything that does not depend on a timer. If a timer is running, the timeout ends before it can expire, so
   * that a missing result is a failure and not a race.
   * @throws Overrun if too little time is left to be conclusive
   */
  promptMs(mostMs = PROMPT_MS): number {
    const runMs = this.#runMs();
    const leftMs = this.#enteredAtMs + SAFE_PART * runMs - performance.now();
    if (leftMs < LEAST_PART * runMs) throw new Overrun();
    return Math.min(mostMs, leftMs);
  }

  /** Timeout for a close caused by this event. */
  closeMs(event: WireEvent): number {
    const { graceMs, probeTimeoutMs } = this.#timers;
    if (event === 'grace passes') return graceMs + PROMPT_MS;
    if (event === 'holder is silent') return probeTimeoutMs + PROMPT_MS;
    return this.promptMs(event === 'drain' ? DRAIN_MS : PROMPT_MS);
  }

  /** Duration of the running timer; unlimited if none is running. */
  #runMs(): number {
    const { graceMs, probeTimeoutMs } = this.#timers;
    if (this.#at.slot === 'grace') return graceMs;
    return this.#at.slot === 'probing' ? probeTimeoutMs : Number.MAX_SAFE_INTEGER;
  }
}
