/** Bounds of the flight recorder and of recording files. */

const KIB = 1024;

/** Maximum records per server-id; the oldest is dropped first. */
export const RECORDS_PER_SERVER_ID = 100;
/** Maximum over all server-ids, by the estimate below; the oldest record of all is dropped first. */
export const RECORDER_BYTES = 8 * KIB * KIB;
/**
 * Maximum connection ids in one state, so that a line fits `MAX_RECORDING_LINE_BYTES`. Only a relay without a cap on phones
 * can exceed it. While a server-id does, its events are not recorded.
 */
export const MAX_STATE_IDS = 1_000;

/** Estimated memory of a record, of each id in its state, and of a server-id with its oldest state. Measured on Node 20. */
export const RECORD_BYTES = 420;
export const STATE_ID_BYTES = 24;
export const SERVER_ID_BYTES = 500;

/** Well above the largest recording: a line is about as long as the estimated memory of its record. */
export const MAX_RECORDING_BYTES = 64 * KIB * KIB;
export const MAX_RECORDING_LINE_BYTES = 64 * KIB;
/** A recorder holds about 9,000 server-ids and 20,000 records. Their names are what a reader keeps of a file. */
export const MAX_RECORDING_SERVER_IDS = 20_000;
export const MAX_RECORDING_RECORDS = 250_000;
/** Maximum length of a server-id or connection id in a recording. */
export const MAX_RECORDED_ID_CHARS = 128;

/** `replay --serve` holds all its steps and hands them to a page, which draws every step of a server-id. */
export const MAX_PAGE_STEPS_PER_SERVER_ID = 1_000;
export const MAX_PAGE_BYTES = 64 * KIB * KIB;
