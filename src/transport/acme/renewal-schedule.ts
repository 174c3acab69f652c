/** When a certificate is renewed, and when a failed order is tried again. Pure: clock and chance are given. */
import {
  MAX_RETRY_WAIT_MS,
  RATE_LIMITED_PLAN,
  REFUSED_PLAN,
  type RetryPlan,
  UNAVAILABLE_PLAN,
} from './acme-limits.ts';
import type { FailureKind } from './order-failure.ts';

interface Lifetime {
  readonly startsAtMs: number;
  readonly expiresAtMs: number;
}

const lifetimeOf = ({ startsAtMs, expiresAtMs }: Lifetime): number => expiresAtMs - startsAtMs;

/**
 * When a third of the lifetime is left, or up to a thirtieth earlier: many relays that began together do not renew together.
 * @param spread from 0 to 1
 */
const renewAtMs = (held: Lifetime, spread: number): number => {
  const lifetimeMs = lifetimeOf(held);
  return Math.round(held.expiresAtMs - lifetimeMs / 3 - (lifetimeMs / 30) * spread);
};

/** How the last orders ended. Kept in the cache, so that a restart goes on where it was. */
export interface Attempts {
  /** Failures in a row that the server may count against its limits. */
  readonly refused: number;
  /** Failures that no limit counts, since the last that one does. */
  readonly unavailable: number;
  /** When the next order may be placed. */
  readonly notBeforeMs: number;
}

export const NO_ATTEMPTS: Attempts = { refused: 0, unavailable: 0, notBeforeMs: 0 };

export const hasFailed = ({ refused, unavailable }: Attempts): boolean => refused + unavailable > 0;

const PLANS: Readonly<Record<FailureKind, RetryPlan>> = {
  unavailable: UNAVAILABLE_PLAN,
  cache_failed: UNAVAILABLE_PLAN,
  rate_limited: RATE_LIMITED_PLAN,
  refused: REFUSED_PLAN,
  timed_out: REFUSED_PLAN,
  unusable: REFUSED_PLAN,
};

const pauseMs = ({ firstMs, factor, longestMs }: RetryPlan, failures: number): number =>
  Math.min(firstMs * factor ** Math.min(failures - 1, 30), longestMs);

interface Failed {
  readonly kind: FailureKind;
  readonly retryAfterMs: number;
}

/**
 * The attempts after one more that has failed. The pause is at least what the server asks for.
 * @param spread from 0 to 1: lengthens the pause by up to a tenth
 */
export const afterFailure = (
  before: Attempts,
  { kind, retryAfterMs }: Failed,
  nowMs: number,
  spread: number,
): Attempts => {
  const isCounted = PLANS[kind] !== UNAVAILABLE_PLAN;
  const refused = before.refused + (isCounted ? 1 : 0);
  const unavailable = isCounted ? 0 : before.unavailable + 1;
  const ownMs = pauseMs(PLANS[kind], isCounted ? refused : unavailable) * (1 + spread / 10);
  const askedMs = Math.min(retryAfterMs, MAX_RETRY_WAIT_MS);
  return { refused, unavailable, notBeforeMs: Math.round(nowMs + Math.max(ownMs, askedMs)) };
};

/**
 * What the cache says before an order is placed: should the process end during it, it counts as refused.
 * @param spread from 0 to 1
 */
export const beforeOrder = (before: Attempts, nowMs: number, spread: number): Attempts =>
  afterFailure(before, { kind: 'refused', retryAfterMs: 0 }, nowMs, spread);

/**
 * A third of a lifetime must pass before the next order: with a clock that is wrong by months, every new certificate seems to be due
 * for renewal, and Let's Encrypt issues the same names five times a week.
 */
export const afterIssue = (issued: Lifetime, nowMs: number): Attempts => ({
  ...NO_ATTEMPTS,
  notBeforeMs: Math.round(nowMs + lifetimeOf(issued) / 3),
});

/**
 * When the next order is due.
 * @param held the certificate there is
 * @param spread from 0 to 1
 */
export const orderAtMs = (
  attempts: Attempts,
  held: Lifetime | undefined,
  nowMs: number,
  spread: number,
): number => {
  const longestMs = Math.max(MAX_RETRY_WAIT_MS, held === undefined ? 0 : lifetimeOf(held) / 3);
  // Whatever the clock was when it was planned.
  const notBeforeMs = Math.min(attempts.notBeforeMs, nowMs + longestMs);
  if (held !== undefined) return Math.max(notBeforeMs, renewAtMs(held, spread));
  // A certificate that was issued and then lost is ordered again at once.
  return hasFailed(attempts) ? notBeforeMs : 0;
};
