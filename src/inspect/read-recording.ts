/** Reads a recording, which may come from anyone, in a stream: of what was read it keeps only the server-ids. */
import { z } from 'zod';
import type { RecordedState } from './recorded-state.ts';
import { MAX_RECORDING_RECORDS, MAX_RECORDING_SERVER_IDS } from './recorder-limits.ts';
import { fail } from './recording-error.ts';
import {
  FORMAT_VERSION,
  headerSchema,
  type RecordingHeader,
  type ReplayEvent,
  recordSchema,
  serverSchema,
  versionSchema,
} from './recording-format.ts';
import { type Line, RecordingLines } from './recording-lines.ts';

export interface RecordingRecord {
  readonly line: number;
  readonly t: number;
  readonly event: ReplayEvent;
  readonly after: RecordedState;
}

/** A server-id, with the state before its first record. */
export interface RecordedServer {
  readonly serverId: string;
  readonly line: number;
  readonly before: RecordedState;
}

/** A line: the header first; then each server-id, followed by its records. */
export type RecordingPart =
  | { readonly kind: 'header'; readonly header: RecordingHeader }
  | { readonly kind: 'server'; readonly server: RecordedServer }
  | { readonly kind: 'record'; readonly record: RecordingRecord };

const parseLine = ({ text, number }: Line): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return fail(number, 'not JSON; was the file cut off?');
  }
};

const check = <T>(schema: z.ZodType<T>, value: unknown, line: number): T => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = z.core.toDotPath(issue?.path ?? []);
  return fail(line, `${where === '' ? '' : `${where}: `}${issue?.message ?? 'not of the right form'}`);
};

/** Names the relay that can replay a recording of another version, instead of calling it malformed. */
const readHeader = (value: unknown): RecordingHeader => {
  const { version: found, relay } = check(versionSchema, value, 1);
  if (found === FORMAT_VERSION) return check(headerSchema, value, 1);
  return fail(
    1,
    `a recording in format ${found}, and this relay reads format ${FORMAT_VERSION} only: ` +
      `replay it with the pyrycode-relay that wrote it, version ${relay}`,
  );
};

const isServerLine = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'before');

/** Each method throws a RecordingError that names the first invalid line. */
export class RecordingReader {
  readonly #lines = new RecordingLines();
  readonly #serverIds = new Set<string>();
  #header: RecordingHeader | undefined;
  #serverId: string | undefined;
  #records = 0;
  #line = 1;

  *take(chunk: Buffer): Generator<RecordingPart, void> {
    for (const line of this.#lines.take(chunk)) yield this.#read(line);
  }

  /** The recording is over: the last line, if it has no line end. */
  *end(): Generator<RecordingPart, void> {
    const last = this.#lines.end();
    if (last !== undefined) yield this.#read(last);
    const header = this.#header ?? fail(1, 'nothing there');
    const { servers, records } = header;
    if (this.#serverIds.size !== servers || this.#records !== records) {
      const found = `${this.#serverIds.size} server-ids and ${this.#records} records`;
      fail(
        this.#line,
        `ends with ${found} where ${servers} server-ids and ${records} records were announced`,
      );
    }
  }

  #read(line: Line): RecordingPart {
    this.#line = line.number;
    const value = parseLine(line);
    if (this.#header === undefined) {
      this.#header = readHeader(value);
      return { kind: 'header', header: this.#header };
    }
    return isServerLine(value) ? this.#readServer(value) : this.#readRecord(value);
  }

  #readServer(value: unknown): RecordingPart {
    const line = this.#line;
    const { server: serverId, before } = check(serverSchema, value, line);
    if (this.#serverIds.has(serverId)) fail(line, `server-id ${serverId} was here before`);
    if (this.#serverIds.size >= MAX_RECORDING_SERVER_IDS) {
      fail(line, `more than ${MAX_RECORDING_SERVER_IDS} server-ids, which no recording has`);
    }
    this.#serverIds.add(serverId);
    this.#serverId = serverId;
    return { kind: 'server', server: { serverId, line, before } };
  }

  #readRecord(value: unknown): RecordingPart {
    const line = this.#line;
    const { t, server, event, after } = check(recordSchema, value, line);
    if (server !== this.#serverId) fail(line, `server-id ${server} is not the one whose records these are`);
    if (this.#records >= MAX_RECORDING_RECORDS) {
      fail(line, `more than ${MAX_RECORDING_RECORDS} records, which no recording has`);
    }
    this.#records++;
    return { kind: 'record', record: { line, t, event, after } };
  }
}
