/** The bounds of everything that has to do with Firebase Cloud Messaging. */

/** A key file has 2.4 KB. */
export const MAX_FCM_CREDENTIALS_BYTES = 64 * 1024;
/** Bytes read of an answer (spec section 10). One with a bearer token has 1.2 KB; an error with all its details, below 1 KB. */
export const MAX_FCM_ANSWER_BYTES = 4 * 1024;
/** How long the body of a wake's success is waited for: it has a name for the log only, and the phone is woken. */
export const MAX_SPARE_BODY_MS = 1_000;
/** After a 429 that names no time: Google's guide asks for a minute (https://firebase.google.com/docs/cloud-messaging/scale-fcm). */
export const QUOTA_RETRY_MS = 60_000;
/** Lifetime that is asked for with an assertion, and assumed of a token whose answer names none. Google gives no more. */
export const BEARER_LIFETIME_MS = 60 * 60 * 1_000;
/** A token that is said to live longer is fetched anew after this time. */
export const MAX_BEARER_LIFETIME_MS = 24 * BEARER_LIFETIME_MS;
/** An assertion is dated back by this much: Google refuses one from the future, and clocks differ. */
export const ASSERTION_BACKDATE_MS = 10_000;
