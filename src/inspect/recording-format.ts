/**
 * The lines of a recording, as they are in the file. The first is the header; then for each server-id one with the state
 * before its oldest record, and one for each record.
 */
import { z } from 'zod';
import { serverMachine } from '../machines/server-machine.ts';
import { BEGINNING, STATES, STATUSES } from './recorded-state.ts';
import { MAX_RECORDED_ID_CHARS, MAX_STATE_IDS } from './recorder-limits.ts';

export const FORMAT = 'pyrycode-relay-recording';
export const FORMAT_VERSION = 1;

const MAX_DATE_MS = 8_640_000_000_000_000;
const count = z.int().min(0);
const id = z.string().max(MAX_RECORDED_ID_CHARS);
const ids = z.array(id).max(MAX_STATE_IDS);

export const headerSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(FORMAT_VERSION),
  /** The version of the relay that recorded. */
  relay: z.string().max(MAX_RECORDED_ID_CHARS),
  recordedAt: z.iso.datetime(),
  config: z.strictObject({ maxPhones: z.int(), graceMs: count, probeTimeoutMs: count }),
  /** What follows: a file that was cut off at the end of a line would otherwise look whole. */
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

/** Every event the chart takes, as a closed union: XState keeps every type of event it has ever seen, so what a file says must not become one. */
export const eventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('binary.claimed'), ...withConnId }),
  z.strictObject({ type: z.literal('binary.answered'), ...withConnId }),
  z.strictObject({ type: z.literal('binary.left'), ...withConnId }),
  z.strictObject({ type: z.literal('phone.registered'), ...withConnId }),
  z.strictObject({ type: z.literal('phone.unregistered'), ...withConnId }),
  z.strictObject({ type: z.literal('phone.dismissed'), ...withConnId, closeCode }),
  z.strictObject({ type: z.literal('phone.unheard'), ...withConnId }),
  z.strictObject({ type: z.literal('phone.ended'), ...withConnId, binaryId: id, closeCode }),
  z.strictObject({ type: z.literal('drain') }),
  z.strictObject({ type: z.enum([BEGINNING, 'xstate.stop']) }),
  // The chart's own timers.
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
