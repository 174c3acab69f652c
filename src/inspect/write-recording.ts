/** Writes a recorder's contents as a recording (JSON lines). */
import { VERSION } from '../version.ts';
import type { FlightRecorder, Tape } from './recorder.ts';
import { FORMAT, FORMAT_VERSION, type RecordingHeader } from './recording-format.ts';
import { nameEvent, nameState, numberedNames, ownNames } from './recording-names.ts';

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
