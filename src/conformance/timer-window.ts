/** How long something may be waited for at a target whose own timers run meanwhile, and when to give the path up. */
import { Overrun } from './target.ts';
import { type Situation, TIMED_EVENTS, type WireEvent } from './wire-events.ts';

/** Nothing is waited for beyond this part of a timer's run ... */
const SAFE_PART = 0.75;
/** ... and what was seen after this part may be the timer's doing. */
const LATEST_PART = 0.9;
/** Shorter than this part of a timer's run, a wait says nothing about what did not come. */
const LEAST_PART = 0.3;
/** Whatever needs no timer of the target comes well within this, or not at all. */
export const PROMPT_MS = 5_000;

export interface TargetTimers {
  /** What the target is configured with. */
  readonly graceMs: number;
  readonly probeTimeoutMs: number;
}

export class TimerWindow {
  readonly #timers: TargetTimers;
  /** When the state with the timer that may be running was entered; never later than the target saw it. */
  #enteredAtMs = performance.now();
  #at: Situation = { slot: 'unclaimed', phones: 0, line: 0 };

  constructor(timers: TargetTimers) {
    this.#timers = timers;
  }

  get at(): Situation {
    return this.#at;
  }

  /** A step begins here. */
  moveTo(situation: Situation): void {
    this.#at = situation;
  }

  /** A step has led here; if that began a timer, it was at `sinceMs` or later. */
  enter(situation: Situation, sinceMs: number): void {
    if (situation.slot !== this.#at.slot) this.#enteredAtMs = sinceMs;
    this.#at = situation;
  }

  /**
   * In a state with a timer, whatever was seen late may be the timer's doing.
   * @throws Overrun then, unless the timer is what the event was about
   */
  unlessLate(problem: string | undefined, event?: WireEvent): string | undefined {
    if (event !== undefined && TIMED_EVENTS.has(event)) return problem;
    // A wait that was given all that was left has used it up, and says what it says.
    if (performance.now() > this.#enteredAtMs + LATEST_PART * this.#runMs()) throw new Overrun();
    return problem;
  }

  /**
   * How long anything may take that needs no timer. Where one runs, only as long as it cannot have run out: what has not
   * come by then is wrong, and not late.
   * @throws Overrun when too little of that is left to say anything
   */
  promptMs(): number {
    const runMs = this.#runMs();
    const leftMs = this.#enteredAtMs + SAFE_PART * runMs - performance.now();
    if (leftMs < LEAST_PART * runMs) throw new Overrun();
    return Math.min(PROMPT_MS, leftMs);
  }

  /** How long a close that this event brings may take. */
  closeMs(event: WireEvent): number {
    const { graceMs, probeTimeoutMs } = this.#timers;
    if (event === 'grace passes') return graceMs + PROMPT_MS;
    return event === 'holder is silent' ? probeTimeoutMs + PROMPT_MS : this.promptMs();
  }

  /** How long the timer runs that is running now, if one is. */
  #runMs(): number {
    const { graceMs, probeTimeoutMs } = this.#timers;
    if (this.#at.slot === 'grace') return graceMs;
    return this.#at.slot === 'probing' ? probeTimeoutMs : Number.MAX_SAFE_INTEGER;
  }
}
