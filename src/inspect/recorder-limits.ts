/** What the flight recorder and its files may grow to. */

const KIB = 1024;

/** The oldest is dropped first. */
export const RECORDS_PER_SERVER_ID = 100;
/** Over all server-ids, by the estimate below; the oldest record of any of them is dropped first. */
export const RECORDER_BYTES = 8 * KIB * KIB;
/**
 * Connection ids in one state. Only a relay without a cap on phones can have more; what happens to a server-id while it
 * does is not kept, or one line of a recording would not fit its limit.
 */
export const MAX_STATE_IDS = 1_000;

/** What is charged for a record, for its id in a state, and for a server-id with its oldest state; measured on Node 20. */
export const RECORD_BYTES = 420;
export const STATE_ID_BYTES = 24;
export const SERVER_ID_BYTES = 500;

/** A recording at its largest is well below this: a line of it is about as long as what is charged for its record. */
export const MAX_RECORDING_BYTES = 64 * KIB * KIB;
export const MAX_RECORDING_LINE_BYTES = 64 * KIB;
/** Server-ids and connection ids in a recording. */
export const MAX_RECORDED_ID_CHARS = 128;
