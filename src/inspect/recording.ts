/** Writes a recorder's contents as a recording (JSON lines), and reads recordings, which may come from anyone. */
import { z } from 'zod';
import { ConfigError } from '../config/read-config.ts';
import { VERSION } from '../version.ts';
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
  versionSchema,
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

/** The message is one line that says where and how a recording is wrong. */
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
 * The lines of a recording, each with its line end. They show the recorder's contents at the time of the call, however
 * late they are consumed. Server-ids and connection ids are replaced by S1, B1, P1 and so on, unless `keepIds` is set.
 */
export const writeRecording = (
  recorder: FlightRecorder,
  { keepIds }: { readonly keepIds: boolean },
): Iterable<string> => {
  const tapes = recorder.tapes();
  const header: RecordingHeader = {
    format: FORMAT,
    version: FORMAT_VERSION,
    relay: VERSION,
    recordedAt: new Date().toISOString(),
    config: recorder.config,
    servers: tapes.length,
    records: tapes.reduce((sum, { records }) => sum + records.length, 0),
  };
  return linesOf(header, tapes, keepIds);
};

const MAX_MESSAGE_CHARS = 200;

/** Removes control characters and truncates, because the text quotes the file. */
const oneLine = (text: string): string => {
  const safe = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
  return safe.length > MAX_MESSAGE_CHARS ? `${safe.slice(0, MAX_MESSAGE_CHARS)}…` : safe;
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

/** Yields one line at a time: splitting a file of nothing but line ends would create tens of millions of strings. */
function* textLines(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    yield text.slice(start, end);
    start = end + 1;
  }
}

/** @throws RecordingError that names the first invalid line */
export const readRecording = (text: string): Recording => {
  if (Buffer.byteLength(text) > MAX_RECORDING_BYTES) {
    throw new RecordingError(`longer than ${MAX_RECORDING_BYTES} bytes, which no recording is`);
  }
  let header: RecordingHeader | undefined;
  const servers = new Map<string, ServerRecording & { readonly records: RecordingRecord[] }>();
  let current: string | undefined;
  let records = 0;
  let line = 0;
  // An editor may leave empty lines at the end.
  for (const lineText of textLines(text.trimEnd())) {
    line++;
    const value = parseLine(lineText, line);
    if (header === undefined) {
      header = readHeader(value);
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
