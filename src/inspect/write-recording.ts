/** Writes a recorder's contents as a recording (JSON lines). */
import { visibleJson } from '../protocol/visible-text.ts';
import { VERSION } from '../version.ts';
import type { FlightRecorder } from './recorder.ts';
import { FORMAT, FORMAT_VERSION, type RecordingHeader } from './recording-format.ts';
import { nameEvent, nameState, numberedNames, ownNames } from './recording-names.ts';
import type { Tape } from './tape.ts';

const toLine = (value: object): string => `${visibleJson(JSON.stringify(value))}\n`;

function* linesOf(header: RecordingHeader, tapes: Iterable<Tape>, keepIds: boolean): Generator<string> {
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

export interface WrittenRecording {
  /** Each with its line end. */
  readonly lines: Iterable<string>;
  /** To be called when no more lines are read, for whatever reason. */
  readonly end: () => void;
}

/**
 * A recording of the recorder's contents at the time of the call, however late its lines are consumed. Server-ids and
 * connection ids are replaced by S1, B1, P1 and so on, unless `keepIds` is set.
 */
export const writeRecording = (
  recorder: FlightRecorder,
  { keepIds }: { readonly keepIds: boolean },
): WrittenRecording => {
  const header: Omit<RecordingHeader, 'servers' | 'records'> = {
    format: FORMAT,
    version: FORMAT_VERSION,
    relay: VERSION,
    recordedAt: new Date().toISOString(),
    config: recorder.config,
  };
  const tapes = recorder.copy();
  const { servers, records } = tapes;
  return { lines: linesOf({ ...header, servers, records }, tapes, keepIds), end: () => tapes.end() };
};
