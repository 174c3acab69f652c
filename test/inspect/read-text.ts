/** A recording as a whole, read from a text and replayed. */
import {
  type RecordedServer,
  type RecordingPart,
  RecordingReader,
  type RecordingRecord,
} from '../../src/inspect/read-recording.ts';
import type { RecordingHeader } from '../../src/inspect/recording-format.ts';
import { type ReplayStep, ServerReplay } from '../../src/inspect/replay.ts';

export interface Recording {
  readonly header: RecordingHeader;
  readonly servers: readonly (RecordedServer & { readonly records: RecordingRecord[] })[];
}

/** Bytes that a reader is given at once: lines end within them and across them. */
const CHUNK_BYTES = 1_000;

function* parts(text: string): Generator<RecordingPart, void> {
  const reader = new RecordingReader();
  const bytes = Buffer.from(text);
  // A large text is read as a file is.
  const chunkBytes = bytes.length > 1_000_000 ? 65_536 : CHUNK_BYTES;
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    yield* reader.take(bytes.subarray(at, at + chunkBytes));
  }
  yield* reader.end();
}

export const readRecording = (text: string): Recording => {
  let header: RecordingHeader | undefined;
  const servers: (RecordedServer & { readonly records: RecordingRecord[] })[] = [];
  for (const part of parts(text)) {
    if (part.kind === 'header') header = part.header;
    else if (part.kind === 'server') servers.push({ ...part.server, records: [] });
    else servers.at(-1)?.records.push(part.record);
  }
  if (header === undefined) throw new Error('a reader ended without a header');
  return { header, servers };
};

/** All steps of all server-ids, in file order. */
export function* replayRecording({ header, servers }: Recording): Generator<ReplayStep, void> {
  for (const server of servers) {
    const chart = new ServerReplay(server, header.config);
    for (const record of server.records) yield chart.step(record);
  }
}
