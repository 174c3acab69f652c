/** Bounds of the log: what waits for its reader, and what peers can make it say. */

const KIB = 1024;

/** Maximum log bytes queued while the reader of stdout is stalled. Further lines are dropped and counted. */
export const MAX_LOG_BACKLOG_BYTES = 4 * KIB * KIB;
/** Shares of that backlog: lines of messages and refusals leave room for lines of dials, and both for the relay's own. */
export const MAX_MESSAGE_LOG_BYTES = 2 * KIB * KIB;
export const MAX_DIAL_LOG_BYTES = 3 * KIB * KIB;

/** What may be logged in full is counted in periods of this length. What is left out is one line a period, with the count. */
export const LOG_LINE_PERIOD_MS = 10_000;
/** How often the counts of periods that have ended are logged. */
export const LOG_SWEEP_INTERVAL_MS = 1_000;
/** Lines of one event under one server-id that are logged in full, if every message can cause one. */
export const MESSAGE_LINES_IN_FULL = 5;
/** The same for lines that need a dial: enough for all phones of a server-id, when they dial again after a restart. */
export const DIAL_LINES_IN_FULL = 16;
/** Lines of one event from one address in full, over all its server-ids. Behind a proxy, all peers have its address. */
export const ADDRESS_LINES_IN_FULL = 1_000;
/**
 * Of these, lines about server-ids that nobody has held for `NEWCOMER_MS`. Server-ids cost nothing: who makes them up must not use
 * up the share of those in service.
 */
export const NEWCOMER_LINES_IN_FULL = 150;
export const NEWCOMER_MS = 60_000;
/** Maximum pairs of event and server-id that are counted at a time, and of these the ones of newcomers. */
export const MAX_COUNTED_LINE_KINDS = 8_192;
export const MAX_COUNTED_NEWCOMER_KINDS = 6_144;
/** Maximum pairs of event and address that are counted at a time; further addresses share one count. */
export const MAX_COUNTED_ADDRESSES = 4_096;

/** The first refusal of each kind from an address is logged, then one in this period. The metrics count all. */
export const REFUSAL_LINE_PERIOD_MS = 600_000;
/** Maximum refusals remembered for that, over all addresses: also the most lines they cause in one period. */
export const MAX_REMEMBERED_REFUSALS = 1_024;
