/** Bounds of the live page. Watching must not slow the relay noticeably. */

/** Maximum open pages. The next one is told that there are too many. */
export const MAX_WATCHERS = 8;
/** Minimum time between two updates to a page. */
export const UPDATE_INTERVAL_MS = 100;
/** A page with this many bytes queued gets no updates until it has caught up, and then the full state. */
export const SLOW_WATCHER_BYTES = 256 * 1024;
/** Rows of server-ids looked at, and sent to a page that has not received them, per update: about 80 KB. */
export const ROWS_PER_UPDATE = 2_000;
/** A page with this many bytes queued is sent changed rows only, until it has taken the rows before. */
export const FULL_WATCHER_BYTES = 64 * 1024;
/** Maximum timeline entries per update; the oldest are dropped. */
export const MAX_PENDING_EVENTS = 500;
/** What a page is sent of the recorded past of a server-id; the oldest steps are left out. */
export const PAST_BYTES = 128 * 1024;
/** Close codes are counted per minute, over this many minutes. */
export const CLOSE_CODE_MINUTES = 5;
/** Bytes of a recording made and written per turn of the event loop: about 1 ms. At most one line more. */
export const RECORDING_SLICE_BYTES = 16 * 1024;
/** Maximum time for the download of a recording; there is one at a time. 6 MB take 48 s at 1 Mbit/s. */
export const RECORDING_DEADLINE_MS = 60_000;
/** Actors that a Stately inspector is told of. Each brings its chart, up to 20 KB; more than this nobody can look at. */
export const MAX_STATELY_ACTORS = 200;
/** A Stately inspector with this many bytes queued is cut. Twice what `MAX_STATELY_ACTORS` need at once. */
export const MAX_STATELY_QUEUE_BYTES = 8 * 1024 * 1024;
/** Maximum message of a Stately inspector, which passes on what other programs say. It is read and dropped. */
export const MAX_STATELY_MESSAGE_BYTES = 1024 * 1024;
/** Time between two dials of a Stately inspector that is not there, as its own adapter takes. */
export const STATELY_REDIAL_MS = 5_000;
/** Maximum time of its handshake: it is on this machine. */
export const STATELY_DIAL_TIMEOUT_MS = 5_000;
