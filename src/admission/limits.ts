/** Bounds of admission. An operator can override the `DEFAULT_` ones through `config/settings.ts`; the others are fixed. */

/** Entries of X-Forwarded-For that are read, from the right. No chain of proxies that all are trusted is longer. */
export const MAX_FORWARDED_ENTRIES = 32;

/** Requests of one subscriber at once, and the time in which one more is allowed (spec section 9). */
export const DEFAULT_RATE_BURST = 20;
export const DEFAULT_RATE_EVERY_MS = 6_000;
/**
 * Subscribers that owe tokens at a time, about 200 bytes each. One request owes for `everyMs`: with the default, to fill the table
 * takes more new addresses a second than a relay can accept. With an hour it takes 18, so docs/operating.md warns of that.
 */
export const MAX_RATE_BUCKETS = 65_536;

/** Share of the file descriptors that connections may take, where `--max-connections` does not say. */
export const CONNECTION_DESCRIPTORS_PERCENT = 80;
/** Share of the memory that they may take at rest. The other half is for what is queued, and for the program. */
export const CONNECTION_MEMORY_PERCENT = 50;
/** A connection at rest: 19 KiB, over TLS 44 (docs/performance.md), and the request head of one that dials up to 16. */
export const CONNECTION_MEMORY_BYTES = 64 * 1024;

/** Share of the connections that only one role may take. */
export const DEFAULT_RESERVED_PERCENT = 10;

/** Connections that are not upgraded or answered yet: shares of descriptors and of memory, and at most and at least so many. */
export const UNFINISHED_DESCRIPTORS_PERCENT = 10;
export const UNFINISHED_MEMORY_PERCENT = 12;
export const MAX_UNFINISHED_CONNECTIONS = 4_096;
export const MIN_UNFINISHED_CONNECTIONS = 16;
/**
 * Time from accept to the end of the upgrade, or of the answer. No byte extends it. Its parts have deadlines of their own: 5 s each
 * for a PROXY header, a TLS handshake and a request head.
 */
export const UNFINISHED_DEADLINE_MS = 15_000;

/**
 * What a phone may send, beyond those that had their turn, before it waits with those that use up the byte rate of their server-id: some
 * ordinary messages, far less than one read.
 */
export const BYTE_RATE_LEAD_BYTES = 16 * 1024;

/** What a peer is told to wait when there is no place for it. Nobody knows when there will be one. */
export const RETRY_AFTER_S = 10;

/**
 * TLS handshakes that an address may begin for each dial that its rate allows. A handshake costs up to some milliseconds, so a flood of
 * them must end before it begins; and an address that merely dials too often must still be told 429.
 */
export const HANDSHAKES_PER_DIAL = 4;
