/** The daemon's log: one JSON object a line on stdout. Whoever reads it can stall neither the relay nor its shutdown. */
import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import { destination, pino, stdTimeFunctions } from 'pino';
import { MAX_LOG_BACKLOG_BYTES } from '../protocol/limits.ts';
import type { LogSink } from './log.ts';

export interface StdoutLog {
  readonly sink: LogSink;
  /** Lines lost because stdout did not take them. */
  readonly droppedLines: () => number;
  /** Writes out what waits, as far as stdout takes it soon. Then the process may exit. */
  readonly end: () => Promise<void>;
  /** Gives up what waits. */
  readonly abandon: () => void;
}

interface Stream {
  readonly write: (line: string) => void;
  /** Calls back when all that was written has been taken, if ever. */
  readonly flush: (done: () => void) => void;
  readonly abandon: () => void;
}

const STDOUT = 1;
/** How long the last lines may take: shutdown must not wait for whoever reads them. */
const LAST_LINES_MS = 500;

/**
 * A pipe is written without blocking: a thread that blocked in a write would keep the process from exiting. The lines of
 * one turn of the event loop are written together: a system call each would cost more than all else about a line.
 */
const openPipe = (lost: () => void): Stream => {
  const pipe = new Socket({ fd: STDOUT, readable: false, writable: true });
  let lines = '';
  const writeLines = (): void => {
    if (lines !== '' && !pipe.destroyed) pipe.write(lines);
    lines = '';
  };
  // Its reader is gone; the relay goes on without.
  pipe.on('error', () => {});
  // What an exception leaves behind it; a pipe that has room takes this at once. SIGKILL costs the lines of one turn.
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

/** Files and terminals are written from another thread. */
const openFile = (lost: () => void): Stream => {
  // A least length of 1 writes each line at once, and unlike 0 lets `flush` say when all is written.
  const file = destination({ dest: STDOUT, sync: false, minLength: 1, maxLength: MAX_LOG_BACKLOG_BYTES });
  file.on('drop', lost);
  // A full disk: the lines are lost, the relay goes on.
  file.on('error', lost);
  return {
    write: (line) => void file.write(line),
    flush: (done) => file.flush(() => done()),
    // At exit pino writes out a destination that is not destroyed, and for that waits without end.
    abandon: () => file.destroy(),
  };
};

/** @param level lines below it are not written */
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
        const timer = setTimeout(resolve, LAST_LINES_MS);
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
