/** The daemon's log: lines on stdout. A stalled reader blocks neither the relay nor its shutdown. */
import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { destination, pino, stdTimeFunctions } from 'pino';
import type { LogFormat } from '../config/program-settings.ts';
import { LinePipe } from './line-pipe.ts';
import { type Level, type LineBound, logEvents } from './log-events.ts';
import { logfmtLine, prettyLine } from './log-format.ts';
import { MAX_DIAL_LOG_BYTES, MAX_LOG_BACKLOG_BYTES, MAX_MESSAGE_LOG_BYTES } from './log-limits.ts';
import type { LogSink } from './log-line.ts';

export interface StdoutLog {
  readonly sink: LogSink;
  /** @param level the lowest level that is written from now on */
  readonly setLevel: (level: string) => void;
  /** @param format of the lines from now on */
  readonly setFormat: (format: LogFormat) => void;
  /** Lines dropped because stdout was stalled or failed. */
  readonly droppedLines: () => number;
  /**
   * Writes the lines that wait, for as long as the reader takes some but at most until `deadlineMs`; then only the last one.
   * The process may exit once it resolves.
   * @param deadlineMs from now; 0 to write only the last line
   * @param last logs the last line; it finds room even if the backlog is full
   */
  readonly end: (deadlineMs: number, last?: () => void) => Promise<void>;
}

interface Stream {
  /** @param maxBytes the line is dropped if more than that would wait with it */
  readonly write: (line: string, maxBytes: number) => void;
  /** Calls `done` once everything has been written; never, if stdout stays stalled. */
  readonly flush: (done: () => void) => void;
  /** How much has been written. */
  readonly takenBytes: () => number;
  readonly keepLastLine: () => void;
  readonly abandon: () => void;
}

const STDOUT = 1;
/** A reader that takes nothing for so long is stalled: shutdown does not wait for it. */
export const READER_PATIENCE_MS = 1_000;
/**
 * For the last line alone. A reader that has taken bytes up to the deadline has so long for it: `cat` and the like take 128 KiB,
 * and nothing more before they have passed it on.
 */
const LAST_LINE_MS = 3_000;

const openPipe = (lost: (lines: number) => void): Stream => {
  const pipe = new LinePipe(lost);
  return {
    write: (line, maxBytes) => pipe.write(line, maxBytes),
    flush: (done) => pipe.flush(done),
    takenBytes: () => pipe.takenBytes,
    keepLastLine: () => pipe.keepLastLine(),
    abandon: () => pipe.abandon(),
  };
};

/** Writes to a file or terminal from another thread. One bound for all lines: such a reader does not stall for long. */
const openFile = (lost: (lines: number) => void): Stream => {
  // With `minLength` 1 each line is written at once, and `flush` calls back when all are written. With 0 it would not.
  const file = destination({ dest: STDOUT, sync: false, minLength: 1, maxLength: MAX_LOG_BACKLOG_BYTES });
  let takenBytes = 0;
  file.on('write', (bytes: number) => {
    takenBytes += bytes;
  });
  file.on('drop', () => lost(1));
  // For example a full disk: the lines are lost, the relay runs on.
  file.on('error', () => lost(1));
  return {
    write: (line) => void file.write(line),
    flush: (done) => file.flush(() => done()),
    takenBytes: () => takenBytes,
    keepLastLine: () => {},
    // At exit, pino flushes any destination that is not destroyed, and that flush has no timeout.
    abandon: () => file.destroy(),
  };
};

type Flushed = 'all' | 'reader stalled' | 'too late';

/** Writes until nothing waits, the reader is stalled, or the deadline has passed. */
const flushWhileRead = async (
  stream: Stream,
  deadlineMs: number,
  patienceMs = READER_PATIENCE_MS,
): Promise<Flushed> => {
  const endsAtMs = performance.now() + deadlineMs;
  const flushed = new Promise<true>((resolve) => stream.flush(() => resolve(true)));
  for (;;) {
    const takenBytes = stream.takenBytes();
    const waitMs = Math.min(patienceMs, endsAtMs - performance.now());
    let timer: NodeJS.Timeout | undefined;
    const waited = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, waitMs, false);
    });
    const isDone = await Promise.race([flushed, waited]);
    clearTimeout(timer);
    if (isDone) return 'all';
    if (performance.now() >= endsAtMs) return 'too late';
    // A shorter wait, up to the deadline, says nothing about the reader.
    if (waitMs === patienceMs && stream.takenBytes() === takenBytes) return 'reader stalled';
  }
};

const MAX_WAITING_BYTES = {
  none: MAX_LOG_BACKLOG_BYTES,
  dials: MAX_DIAL_LOG_BYTES,
  messages: MAX_MESSAGE_LOG_BYTES,
  refusals: MAX_MESSAGE_LOG_BYTES,
} as const satisfies Record<LineBound, number>;

/** How much may wait with a line of this event, for each event. Errors, all bugs, find room where the relay's own lines do. */
const maxWaitingBytes: ReadonlyMap<string, number> = new Map(
  Object.entries(logEvents).map(([event, { level, bound }]) => [
    event,
    MAX_WAITING_BYTES[level === 'error' ? 'none' : bound],
  ]),
);

/** By convention (no-color.org), any value but the empty one. */
const wantsColours = (): boolean => isatty(STDOUT) && (process.env['NO_COLOR'] ?? '') === '';

/** @param level the lowest level that is written */
export const createStdoutLog = (level: string, firstFormat: LogFormat): StdoutLog => {
  let format = firstFormat;
  const isColoured = wantsColours();
  let dropped = 0;
  let isEnding = false;
  const lost = (lines: number): void => {
    dropped += lines;
  };
  const kind = fstatSync(STDOUT);
  const stream = kind.isFIFO() || kind.isSocket() ? openPipe(lost) : openFile(lost);
  let maxBytes = 0;
  const logger = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => stream.write(line, maxBytes) },
  );
  const writeAt =
    (at: Level) =>
    (fields: object, event: string): void => {
      maxBytes = isEnding ? Number.POSITIVE_INFINITY : (maxWaitingBytes.get(event) ?? 0);
      if (format === 'json') {
        logger[at](fields, event);
        return;
      }
      if (!logger.isLevelEnabled(at)) return;
      const written = { ...fields };
      stream.write(
        format === 'logfmt'
          ? logfmtLine(Date.now(), at, event, written)
          : prettyLine(Date.now(), at, event, written, isColoured),
        maxBytes,
      );
    };
  return {
    sink: { info: writeAt('info'), warn: writeAt('warn'), error: writeAt('error') },
    setLevel: (next) => {
      logger.level = next;
    },
    setFormat: (next) => {
      format = next;
    },
    droppedLines: () => dropped,
    end: async (deadlineMs, last) => {
      isEnding = true;
      last?.();
      const flushed = deadlineMs > 0 ? await flushWhileRead(stream, deadlineMs) : 'too late';
      if (flushed === 'too late') {
        stream.keepLastLine();
        await flushWhileRead(stream, LAST_LINE_MS, deadlineMs > 0 ? LAST_LINE_MS : READER_PATIENCE_MS);
      }
      stream.abandon();
    },
  };
};
