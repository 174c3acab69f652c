/** The daemon's log: one JSON object a line on stdout. */
import { destination, pino, stdTimeFunctions } from 'pino';
import { MAX_LOG_BACKLOG_BYTES } from '../protocol/limits.ts';
import type { LogSink } from './log.ts';

export interface StdoutLog {
  readonly sink: LogSink;
  /** Lines lost because whoever reads stdout had stopped reading. */
  readonly droppedLines: () => number;
  /** Writes out what waits. Call before the process exits. */
  readonly flush: () => void;
}

/** @param level lines below it are not written */
export const createStdoutLog = (level: string): StdoutLog => {
  let dropped = 0;
  // Not synchronous: a reader of stdout that stalls must not stall the relay with it.
  const stream = destination({ dest: 1, sync: false, maxLength: MAX_LOG_BACKLOG_BYTES });
  stream.on('drop', () => dropped++);
  const sink = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  return {
    sink,
    droppedLines: () => dropped,
    flush: () => {
      try {
        stream.flushSync();
      } catch {
        // Whoever read stdout is gone, and with it the only one who could be told.
      }
    },
  };
};
