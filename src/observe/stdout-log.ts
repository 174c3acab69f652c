/** The daemon's log: JSON lines on stdout. A stalled reader blocks neither the relay nor its shutdown. */
import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import { destination, pino, stdTimeFunctions } from 'pino';
import { MAX_LOG_BACKLOG_BYTES } from '../protocol/limits.ts';
import type { LogSink } from './log.ts';

export interface StdoutLog {
  readonly sink: LogSink;
  /** Lines dropped because stdout was stalled or failed. */
  readonly droppedLines: () => number;
  /** Flushes queued lines for at most `FLUSH_MS`. The process may exit once it resolves. */
  readonly end: () => Promise<void>;
  /** Discards queued lines. */
  readonly abandon: () => void;
}

interface Stream {
  readonly write: (line: string) => void;
  /** Calls `done` once everything has been written; never, if stdout stays stalled. */
  readonly flush: (done: () => void) => void;
  readonly abandon: () => void;
}

const STDOUT = 1;
/** Time to flush the last lines. Shutdown must not wait for a stalled reader. */
const FLUSH_MS = 500;

/**
 * Writes to a pipe without blocking: a thread blocked in a write would keep the process from exiting. Lines of one turn
 * of the event loop are batched, because a system call per line would be the largest cost of logging.
 */
const openPipe = (lost: () => void): Stream => {
  const pipe = new Socket({ fd: STDOUT, readable: false, writable: true });
  let lines = '';
  const writeLines = (): void => {
    if (lines !== '' && !pipe.destroyed) pipe.write(lines);
    lines = '';
  };
  // The reader has closed the pipe. The relay runs on without a log.
  pipe.on('error', () => {});
  // Saves the lines before a fatal exception. A pipe with room accepts them at once. SIGKILL loses one turn of lines.
  process.once('exit', writeLines);
  return {
    write: (line) => {
      if (pipe.destroyed || pipe.writableLength + lines.length + line.length > MAX_LOG_BACKLOG_BYTES) {
        lost();
        return;
      }
      if (lines === '') setImmediate(writeLines);
      lines += line;
    },
    flush: (done) => {
      writeLines();
      pipe.write('', () => done());
    },
    abandon: () => {},
  };
};

/** Writes to a file or terminal from another thread. */
const openFile = (lost: () => void): Stream => {
  // With `minLength` 1 each line is written at once, and `flush` calls back when all are written. With 0 it would not.
  const file = destination({ dest: STDOUT, sync: false, minLength: 1, maxLength: MAX_LOG_BACKLOG_BYTES });
  file.on('drop', lost);
  // For example a full disk: the lines are lost, the relay runs on.
  file.on('error', lost);
  return {
    write: (line) => void file.write(line),
    flush: (done) => file.flush(() => done()),
    // At exit, pino flushes any destination that is not destroyed, and that flush has no timeout.
    abandon: () => file.destroy(),
  };
};

/** @param level the lowest level that is written */
export const createStdoutLog = (level: string): StdoutLog => {
  let dropped = 0;
  const lost = (): void => {
    dropped++;
  };
  const kind = fstatSync(STDOUT);
  const stream = kind.isFIFO() || kind.isSocket() ? openPipe(lost) : openFile(lost);
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
    end: async () => {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, FLUSH_MS);
        stream.flush(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      stream.abandon();
    },
    abandon: stream.abandon,
  };
};
