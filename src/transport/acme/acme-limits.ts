/** The bounds of everything that has to do with an ACME server. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** One for each name of an order; an order has at most 100. */
export const MAX_PENDING_CHALLENGES = 100;
/** Ten times the longest chain with its key. */
export const MAX_CACHE_FILE_BYTES = 128 * 1024;
/** Answers of an ACME server: the longest is a chain of certificates. */
export const MAX_ACME_ANSWER_BYTES = 1024 * 1024;
export const ACME_REQUEST_TIMEOUT_MS = 30 * SECOND_MS;
/** First pause between two looks at an order; each is twice as long as the one before. */
export const ACME_POLL_MIN_MS = SECOND_MS;
export const ACME_POLL_MAX_MS = 30 * SECOND_MS;

/** Pauses after failed orders: the first, how fast they grow, and the longest. */
export interface RetryPlan {
  readonly firstMs: number;
  readonly factor: number;
  readonly longestMs: number;
}

/** Nothing was decided about the names: no limit of the server counts it. */
export const UNAVAILABLE_PLAN: RetryPlan = { firstMs: 10 * SECOND_MS, factor: 2, longestMs: HOUR_MS };
/**
 * Let's Encrypt refuses a name for an hour after 5 failed validations. With these pauses the fifth comes 85 minutes after the first.
 */
export const REFUSED_PLAN: RetryPlan = { firstMs: MINUTE_MS, factor: 4, longestMs: 12 * HOUR_MS };
export const RATE_LIMITED_PLAN: RetryPlan = { firstMs: HOUR_MS, factor: 2, longestMs: 24 * HOUR_MS };
/** Longest wait that an ACME server, or a file in the cache, may ask for: Let's Encrypt's longest limit is for a week. */
export const MAX_RETRY_WAIT_MS = 7 * 24 * HOUR_MS;
