/** Bounds of push: the wakes, and the credential that they are sent with. */

/** Wakes at a time, over all server-ids (spec section 10). */
export const MAX_WAKES_IN_FLIGHT = 32;
/** Time of a call to the push service, and of a wake with its second try (spec section 10). */
export const PUSH_CALL_TIMEOUT_MS = 10_000;
/** Before the second try, unless the push service says another time. */
export const WAKE_RETRY_MS = 1_000;

/** A credential is not used in this last part of its time: it would expire on the way. Google's is valid for an hour. */
export const CREDENTIAL_EARLY_MS = 60_000;
/** How long one is used in any case, else one that is hardly valid were fetched for every wake; and at most, whatever it says. */
export const MIN_CREDENTIAL_USE_MS = 1_000;
export const MAX_CREDENTIAL_USE_MS = 24 * 60 * 60 * 1000;

/** Wait after a fetch that failed: it doubles each time, up to the second. */
export const CREDENTIAL_BACKOFF_MS = 1_000;
export const MAX_CREDENTIAL_BACKOFF_MS = 5 * 60 * 1000;
/** The longest wait that the token service can ask for: no phone is woken meanwhile. */
export const MAX_CREDENTIAL_RETRY_AFTER_MS = 5 * 60 * 1000;
