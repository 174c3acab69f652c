/** Gathers the records of each server-id, as many as a page can show. */
import { ConfigError } from '../config/read-config.ts';
import type { RecordedServer, RecordingPart, RecordingRecord } from './read-recording.ts';
import { MAX_PAGE_STEPS_PER_SERVER_ID } from './recorder-limits.ts';

export interface ServerRecording extends RecordedServer {
  readonly records: readonly RecordingRecord[];
}

/**
 * @param serverId only this one
 * @throws ConfigError if a server-id has too many records
 */
export async function* serverRecordings(
  parts: AsyncIterable<RecordingPart>,
  serverId: string | undefined,
): AsyncGenerator<ServerRecording, void> {
  let current: (RecordedServer & { readonly records: RecordingRecord[] }) | undefined;
  for await (const part of parts) {
    if (part.kind === 'server') {
      if (current !== undefined) yield current;
      const isWanted = serverId === undefined || part.server.serverId === serverId;
      current = isWanted ? { ...part.server, records: [] } : undefined;
    } else if (part.kind === 'record' && current !== undefined) {
      current.records.push(part.record);
      if (current.records.length <= MAX_PAGE_STEPS_PER_SERVER_ID) continue;
      throw new ConfigError(
        `--serve shows at most ${MAX_PAGE_STEPS_PER_SERVER_ID} events of a server-id, and there are more ` +
          `(line ${part.record.line}); without --serve they are printed`,
      );
    }
  }
  if (current !== undefined) yield current;
}
