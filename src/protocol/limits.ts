/**
 * Every bound of the relay that is not configuration, in one place.
 * Those an operator may set are in `config/settings.ts`, with these as defaults.
 */

const KIB = 1024;

/** Longest accepted message on either leg, in bytes, fragments summed (spec section 1). */
export const DEFAULT_MAX_FRAME_BYTES = 256 * KIB;
/** Phones per server-id (spec section 3; the seed explains the number). */
export const DEFAULT_MAX_PHONES = 16;
/** What may wait for one phone, in bytes, the write under way included (spec section 4). */
export const DEFAULT_PHONE_BACKLOG_BYTES = 4 * KIB * KIB;

/** Charged to a queue for each frame on top of its bytes, so that empty frames are not free (spec section 4). */
export const FRAME_OVERHEAD_BYTES = 64;
/**
 * The most that is handed to one socket at a time. A ping, pong or close frame waits behind this much and no
 * more; it is also the unit in which a peer must show progress before the write timeout.
 */
export const WRITE_CHUNK_BYTES = 64 * KIB;
/**
 * Bodies from this size up are sent from where they were read to, not copied (docs/performance.md), if they are at least half
 * of the memory there: what a queue keeps is at most twice what it is charged.
 */
export const COPIED_BODY_BYTES = 8 * KIB;
/**
 * What one socket may bring in one turn of the event loop before the others have theirs. A little less than the 64 KiB of
 * one full read, so that whoever floods yields after each, and one message of ordinary size does not. Of the phones of a
 * server-id that have had it, one is read on in each turn.
 */
export const READ_SHARE_BYTES = 62 * KIB;
/** A phone that speaks while its binary's queue is above the high mark is paused, until below the low one. */
export const BINARY_QUEUE_HIGH_BYTES = 1024 * KIB;
export const BINARY_QUEUE_LOW_BYTES = 512 * KIB;
/**
 * What 16 paused phones can still add (one read of tiny frames each, with the overhead) stays well below this. A phone
 * whose frame would go beyond it is closed.
 */
export const BINARY_QUEUE_MAX_BYTES = 32 * KIB * KIB;

/** Binaries that may wait for the outcome of one conflict probe; the next is refused with 4409 at once. */
export const MAX_CLAIMANTS = 16;

/** Deeper JSON is invalid. Go's decoder draws the same line, so no phone sees a difference (spec section 2). */
export const MAX_JSON_DEPTH = 10_000;

/** Routing headers, in bytes. Longer is a 400: these become map keys and log fields. */
export const MAX_SERVER_ID_BYTES = 128;
export const MAX_VERSION_BYTES = 64;
/** The device name is only logged, so it is cut rather than refused. */
export const MAX_DEVICE_NAME_BYTES = 256;

/** The request head must be complete this soon after the connection opens (spec section 6). */
export const HEAD_TIMEOUT_MS = 5_000;
export const REQUEST_TIMEOUT_MS = 60_000;
export const KEEP_ALIVE_TIMEOUT_MS = 120_000;
/** Node looks for expired request heads every 30 s unless told otherwise. */
export const HEAD_CHECK_INTERVAL_MS = 500;
export const MAX_HEAD_BYTES = 16 * KIB;

/** A closing connection has this long to take the close frame, then as long again to answer it (spec section 4). */
export const CLOSE_WRITE_TIMEOUT_MS = 5_000;
export const CLOSE_ANSWER_TIMEOUT_MS = 5_000;

/** What waits for a connection that is being closed must have left by then: a slow reader may not stay for ever. */
export const FLUSH_TIMEOUT_MS = 120_000;

/** One sweep at this interval looks at every connection for bytes that stand still. */
export const STALL_SWEEP_INTERVAL_MS = 1_000;

/** Pieces a message may come in: frames on the wire, and TCP reads while one frame is incomplete. */
export const MAX_MESSAGE_FRAGMENTS = 16_384;
export const MAX_MESSAGE_CHUNKS = 16_384;
/** Pongs that may wait in one socket; a peer that pings on without reading is cut. */
export const MAX_PENDING_PONGS = 60;

/** How long timers of the charts that end together may keep the event loop, before sockets have their turn. */
export const TIMER_SLICE_MS = 5;

/** What a timer of Node can hold; anything longer fires at once. */
export const MAX_TIMER_MS = 2_147_483_647;

/** Log bytes that may wait for a reader of stdout that has stopped reading; then lines are dropped and counted. */
export const MAX_LOG_BACKLOG_BYTES = 4 * KIB * KIB;
