/**
 * File format of a recording, one JSON object per line. The first line is the header. For each server-id there follows a
 * line with the state before its oldest record, then one line per record.
 */
import { z } from 'zod';
import { serverMachine } from '../machines/server-machine.ts';
import { BEGINNING, STATES, STATUSES } from './recorded-state.ts';
import { MAX_RECORDED_ID_CHARS, MAX_STATE_IDS } from './recorder-limits.ts';

export const FORMAT = 'pyrycode-relay-recording';
/** Version 1 had events that the server chart no longer has, such as `phone.unregistered`. */
export const FORMAT_VERSION = 2;

const MAX_DATE_MS = 8_640_000_000_000_000;
const count = z.int().min(0);
const id = z.string().max(MAX_RECORDED_ID_CHARS);
const ids = z.array(id).max(MAX_STATE_IDS);

/** The part of a header that tells its version, and which relay can replay it. */
export const versionSchema = z.object({
  format: z.literal(FORMAT),
  version: z.int(),
  relay: z.string().max(MAX_RECORDED_ID_CHARS),
});

export const headerSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(FORMAT_VERSION),
  /** Version of the recording relay. */
  relay: z.string().max(MAX_RECORDED_ID_CHARS),
  recordedAt: z.iso.datetime(),
  config: z.strictObject({ maxPhones: z.int(), graceMs: count, probeTimeoutMs: count }),
  /** Counts of what follows, to detect a file that was truncated at a line end. */
  servers: count,
  records: count,
});

const stateSchema = z.strictObject({
  state: z.enum(STATES),
  status: z.enum(STATUSES),
  binaryId: id.nullable(),
  phones: ids,
  claimants: ids,
});

export const serverSchema = z.strictObject({ server: id, before: stateSchema });

const closeCode = z.number();
const withConnId = { connId: id };

/**
 * All events of the chart, as a closed union. XState memoises every event type it has seen, for ever, so a string from a
 * file must not become a type.
 */
export const eventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('binary.claimed'), ...withConnId }),
  z.strictObject({ type: z.literal('binary.answered'), ...withConnId }),
  z.strictObject({ type: z.literal('binary.left'), ...withConnId }),
  z.strictObject({ type: z.literal('phone.registered'), ...withConnId }),
  z.strictObject({ type: z.literal('phone.left'), ...withConnId }),
  z.strictObject({ type: z.literal('phone.dismissed'), ...withConnId, closeCode, isTooLong: z.boolean() }),
  z.strictObject({ type: z.literal('phone.unheard'), ...withConnId }),
  z.strictObject({ type: z.literal('phone.ended'), ...withConnId, binaryId: id, closeCode }),
  z.strictObject({ type: z.literal('drain') }),
  z.strictObject({ type: z.enum([BEGINNING, 'xstate.stop']) }),
  // Timers of the chart.
  z.strictObject({ type: z.enum(serverMachine.events.filter((type) => type.startsWith('xstate.after.'))) }),
]);

export const recordSchema = z.strictObject({
  t: z.int().min(0).max(MAX_DATE_MS),
  server: id,
  event: eventSchema,
  after: stateSchema,
});

export type RecordingHeader = Readonly<z.infer<typeof headerSchema>>;
export type ReplayEvent = Readonly<z.infer<typeof eventSchema>>;
