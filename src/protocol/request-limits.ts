/** Bounds of what comes before an upgrade: the request head, its routing headers, and the PROXY header. */

const KIB = 1024;

/** Time from the opening of a connection to the end of its request head (spec section 6). */
export const HEAD_TIMEOUT_MS = 5_000;
/** How often Node checks for expired request heads. Its default of 30 s would stretch the 5 s timeout. */
export const HEAD_CHECK_INTERVAL_MS = 500;
/**
 * Requests whose heads are parsed and acted upon in one turn of the event loop. An upgrade takes some 400 µs, and of 4,000 phones that dial
 * again, fifteen came in one turn. If many wait, a share of them is taken: a storm of dials takes as long as without turns.
 */
export const HEADS_PER_TURN = 4;
export const HEADS_SHARE = 1 / 16;
export const MAX_HEAD_BYTES = 16 * KIB;
/** Bytes that may follow a plain request while it is answered. They are discarded; a peer that sends more is cut. */
export const MAX_DISCARDED_BYTES = 64 * KIB;
/** How long a connection is read on after its answer, until the peer closes it. A peer that has read the answer closes at once. */
export const LINGER_MS = 1_000;

/** Routing headers, in bytes. They become map keys and log fields, so longer ones are answered with 400. */
export const MAX_SERVER_ID_BYTES = 128;
export const MAX_VERSION_BYTES = 64;
/** The device name is only logged, so a longer one is truncated, not refused. */
export const MAX_DEVICE_NAME_BYTES = 256;

/** Longest header of the PROXY protocol. The longest in use carry a client certificate's name and are below 1 KiB. */
export const MAX_PROXY_HEADER_BYTES = 4 * KIB;
/** Time from the opening of a connection to the end of its PROXY header. The proxy sends it before anything else. */
export const PROXY_HEADER_TIMEOUT_MS = 5_000;
