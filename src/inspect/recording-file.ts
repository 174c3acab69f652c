/** A recording in a file, read as often as needed, and never held as a whole. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { ConfigError } from '../config/read-config.ts';
import { describeFileError } from '../transport/file-error.ts';
import { type RecordingPart, RecordingReader } from './read-recording.ts';
import { MAX_RECORDING_BYTES } from './recorder-limits.ts';
import { RecordingError } from './recording-error.ts';
import type { RecordingHeader } from './recording-format.ts';

export interface RecordingFile {
  readonly header: RecordingHeader;
  readonly serverIds: ReadonlySet<string>;
  /** @throws ConfigError if the file has changed meanwhile, and is no recording now */
  readonly parts: () => AsyncGenerator<RecordingPart, void>;
  readonly close: () => Promise<void>;
}

const READ_BYTES = 64 * 1024;

async function* chunksOf(handle: FileHandle): AsyncGenerator<Buffer, void> {
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function* partsOf(handle: FileHandle, file: string): AsyncGenerator<RecordingPart, void> {
  const reader = new RecordingReader();
  try {
    for await (const chunk of chunksOf(handle)) yield* reader.take(chunk);
    yield* reader.end();
  } catch (error) {
    if (error instanceof RecordingError) throw new ConfigError(`${file}: ${error.message}`);
    throw error;
  }
}

/**
 * Opens a recording and reads it through once: nothing is printed of a file that is invalid further down.
 * @throws ConfigError if the file is missing, not a regular file, or not a recording
 */
export const openRecording = async (file: string): Promise<RecordingFile> => {
  const failed = (error: unknown): never => {
    throw new ConfigError(`${file}: ${describeFileError(error)}`);
  };
  const found = await stat(file).catch(failed);
  if (!found.isFile()) throw new ConfigError(`${file}: not a file`);
  if (found.size > MAX_RECORDING_BYTES) {
    throw new ConfigError(`${file}: longer than ${MAX_RECORDING_BYTES} bytes, which no recording is`);
  }
  const handle = await open(file).catch(failed);
  try {
    const serverIds = new Set<string>();
    let header: RecordingHeader | undefined;
    for await (const part of partsOf(handle, file)) {
      if (part.kind === 'header') header = part.header;
      else if (part.kind === 'server') serverIds.add(part.server.serverId);
    }
    if (header === undefined) throw new ConfigError(`${file}: no recording`);
    return { header, serverIds, parts: () => partsOf(handle, file), close: async () => await handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
};
