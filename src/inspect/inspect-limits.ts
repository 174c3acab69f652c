/** Bounds of the live page: it must never cost the relay more than it can notice. */

/** Open pages; the next one is told so. */
export const MAX_WATCHERS = 8;
/** What changed is sent at most this often. */
export const UPDATE_INTERVAL_MS = 100;
/** A page that is this far behind is skipped until it has caught up, and then told everything anew. */
export const SLOW_WATCHER_BYTES = 256 * 1024;
/** Timeline entries that may wait for the next update; beyond it the oldest are dropped. */
export const MAX_PENDING_EVENTS = 500;
/** Close codes are counted by the minute, for this many minutes. */
export const CLOSE_CODE_MINUTES = 5;
