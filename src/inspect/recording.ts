/** Recordings as text: one JSON object a line, written from a recorder and read back from whoever sends one. */
import { z } from 'zod';
import { ConfigError } from '../config/read-config.ts';
import { version } from '../version.ts';
import type { RecordedState } from './recorded-state.ts';
import type { FlightRecorder, Tape } from './recorder.ts';
import { MAX_RECORDING_BYTES, MAX_RECORDING_LINE_BYTES } from './recorder-limits.ts';
import {
  FORMAT,
  FORMAT_VERSION,
  headerSchema,
  type RecordingHeader,
  type ReplayEvent,
  recordSchema,
  serverSchema,
} from './recording-format.ts';
import { nameEvent, nameState, numberedNames, ownNames } from './recording-names.ts';

export interface RecordingRecord {
  readonly line: number;
  readonly t: number;
  readonly event: ReplayEvent;
  readonly after: RecordedState;
}

export interface ServerRecording {
  readonly serverId: string;
  readonly line: number;
  readonly before: RecordedState;
  readonly records: readonly RecordingRecord[];
}

export interface Recording {
  readonly header: RecordingHeader;
  readonly servers: readonly ServerRecording[];
}

/** One line that says where a recording is wrong, and how. */
export class RecordingError extends ConfigError {}

const toLine = (value: object): string => `${JSON.stringify(value)}\n`;

function* linesOf(header: RecordingHeader, tapes: readonly Tape[], keepIds: boolean): Generator<string> {
  const names = keepIds ? ownNames : numberedNames();
  yield toLine(header);
  for (const { serverId, before, records } of tapes) {
    const server = names.server(serverId);
    yield toLine({ server, before: nameState(before, names) });
    for (const { t, event, after } of records) {
      yield toLine({ t, server, event: nameEvent(event, names), after: nameState(after, names) });
    }
  }
}

/**
 * The lines of a recording, each with its end, of what the recorder holds now: they may be asked for at leisure.
 * Server-ids and connection ids are replaced by S1, B1, P1 and so on, unless they are to be kept.
 */
export const writeRecording = (
  recorder: FlightRecorder,
  { keepIds }: { readonly keepIds: boolean },
): Iterable<string> => {
  const tapes = recorder.tapes();
  const header: RecordingHeader = {
    format: FORMAT,
    version: FORMAT_VERSION,
    relay: version(),
    recordedAt: new Date().toISOString(),
    config: recorder.config,
    servers: tapes.length,
    records: tapes.reduce((sum, { records }) => sum + records.length, 0),
  };
  return linesOf(header, tapes, keepIds);
};

const MOST_WORDS = 200;

/** Parts of it are the file's own: no control characters, and not at any length. */
const oneLine = (text: string): string => {
  const safe = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
  return safe.length > MOST_WORDS ? `${safe.slice(0, MOST_WORDS)}…` : safe;
};

const fail = (line: number, what: string): never => {
  throw new RecordingError(`line ${line}: ${oneLine(what)}`);
};

const parseLine = (text: string, line: number): unknown => {
  if (Buffer.byteLength(text) > MAX_RECORDING_LINE_BYTES) {
    return fail(line, `longer than ${MAX_RECORDING_LINE_BYTES} bytes`);
  }
  try {
    return JSON.parse(text);
  } catch {
    return fail(line, 'not JSON; was the file cut off?');
  }
};

const check = <T>(schema: z.ZodType<T>, value: unknown, line: number): T => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = z.core.toDotPath(issue?.path ?? []);
  return fail(line, `${where === '' ? '' : `${where}: `}${issue?.message ?? 'not of the right form'}`);
};

const isServerLine = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'before');

/** Line by line, never all at once: a file of nothing but line ends would become a hundred million texts. */
function* textLines(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    yield text.slice(start, end);
    start = end + 1;
  }
}

/** @throws RecordingError naming the first line that is wrong */
export const readRecording = (text: string): Recording => {
  if (Buffer.byteLength(text) > MAX_RECORDING_BYTES) {
    throw new RecordingError(`longer than ${MAX_RECORDING_BYTES} bytes, which no recording is`);
  }
  let header: RecordingHeader | undefined;
  const servers = new Map<string, ServerRecording & { readonly records: RecordingRecord[] }>();
  let current: string | undefined;
  let records = 0;
  let line = 0;
  for (const lineText of textLines(text)) {
    line++;
    const value = parseLine(lineText, line);
    if (header === undefined) {
      header = check(headerSchema, value, line);
    } else if (isServerLine(value)) {
      const { server, before } = check(serverSchema, value, line);
      if (servers.has(server)) fail(line, `server-id ${server} was here before`);
      servers.set(server, { serverId: server, line, before, records: [] });
      current = server;
    } else {
      const { t, server, event, after } = check(recordSchema, value, line);
      if (server !== current) fail(line, `server-id ${server} is not the one whose records these are`);
      servers.get(server)?.records.push({ line, t, event, after });
      records++;
    }
  }
  if (header === undefined) return fail(1, 'nothing there');
  if (servers.size !== header.servers || records !== header.records) {
    const announced = `${header.servers} server-ids and ${header.records} records`;
    fail(
      line,
      `ends with ${servers.size} server-ids and ${records} records where ${announced} were announced`,
    );
  }
  return { header, servers: [...servers.values()] };
};
