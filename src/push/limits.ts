/** Bounds of the wake pipeline. An operator can override the `DEFAULT_` one; the others are fixed. */

/** Wakes of one server-id at once, and the time in which one more is allowed (spec section 10). */
export const WAKE_BURST = 6;
export const WAKE_EVERY_MS = 10_000;

/** Longest `push_wake` that is parsed. A daemon's has 200 bytes. */
export const MAX_WAKE_BYTES = 8 * 1_024;
/** Longest token, in UTF-16 code units. FCM's have 160; its documents promise no length. */
export const MAX_TOKEN_LENGTH = 4_096;

/** Wakes per second over all server-ids. Google allows 10,000 a second for a project, and a relay's daemons send few. */
export const DEFAULT_PUSH_PER_SECOND = 50;
export const MAX_PUSH_PER_SECOND = 10_000;

/** Tokens that FCM has called unregistered, remembered at a time (about 200 bytes each), and for how long. */
export const MAX_DEAD_TOKENS = 16_384;
export const DEAD_TOKEN_MS = 60 * 60 * 1_000;

/** A used-up quota is warned about once in this time. The metrics count each error. */
export const QUOTA_LINE_PERIOD_MS = 5 * 60 * 1_000;
