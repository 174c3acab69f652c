/** Lines into a pipe, without blocking: a thread blocked in a write would keep the process from exiting. */
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

const STDOUT = 1;

/** PIPE_BUF: a pipe takes so much as a whole or not at all, so that what gets out ends at the end of a line, even by SIGKILL. */
const PIECE_BYTES = 4_096;

/**
 * Non-blocking is a mode of the open pipe, which other processes may share: a shell, a sidecar. Opened anew, it is ours alone.
 * That works for pipes on Linux, if the pipe may be opened by our user; otherwise the mode of the shared one is changed.
 */
const ownDescriptor = (): number => {
  try {
    return openSync(`/proc/self/fd/${STDOUT}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return STDOUT;
  }
};

export class LinePipe {
  readonly #pipe = new Socket({ fd: ownDescriptor(), readable: false, writable: true });
  readonly #lost: (lines: number) => void;
  /** Pieces of whole lines, the oldest first. */
  #pieces: string[] = [];
  /** The piece that the next line is added to. */
  #piece = '';
  #pieceBytes = 0;
  #waitingBytes = 0;
  #lastLine = '';
  #isScheduled = false;
  #isWriting = false;
  #flushed: () => void = () => {};
  /** What the reader has made room for. */
  takenBytes = 0;

  constructor(lost: (lines: number) => void) {
    this.#lost = lost;
    // The reader has closed the pipe. The relay runs on without a log.
    this.#pipe.on('error', () => {});
    // The lines before a fatal exception: a pipe with room takes them at once.
    process.once('exit', () => {
      for (let piece = this.#nextPiece(); piece !== ''; piece = this.#nextPiece()) this.#pipe.write(piece);
    });
  }

  /**
   * Lines of one turn of the event loop are written together: a system call per line would be the largest cost of logging.
   * @param maxBytes the line is dropped if more than that would wait with it
   */
  write(line: string, maxBytes: number): void {
    const bytes = Buffer.byteLength(line);
    if (this.#pipe.destroyed || this.#waitingBytes + bytes > maxBytes) {
      this.#lost(1);
      return;
    }
    if (this.#pieceBytes + bytes > PIECE_BYTES) this.#endPiece();
    this.#piece += line;
    this.#pieceBytes += bytes;
    this.#waitingBytes += bytes;
    this.#lastLine = line;
    if (this.#isScheduled || this.#isWriting) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#writeNext();
    });
  }

  /** Calls `done` once everything has been written; never, if the pipe stays full. */
  flush(done: () => void): void {
    this.#flushed = done;
    this.#writeNext();
  }

  /** Drops what waits, but for the last line. */
  keepLastLine(): void {
    const waiting = [...this.#pieces, this.#piece].join('');
    if (waiting === '') return;
    this.#lost(waiting.split('\n').length - 2);
    this.#pieces = [this.#lastLine];
    this.#piece = '';
  }

  abandon(): void {
    this.#pieces = [];
    this.#piece = '';
  }

  #endPiece(): void {
    if (this.#piece !== '') this.#pieces.push(this.#piece);
    this.#piece = '';
    this.#pieceBytes = 0;
  }

  /** Empty when nothing waits. */
  #nextPiece(): string {
    const piece = this.#pieces.shift();
    if (piece !== undefined) return piece;
    const last = this.#piece;
    this.#piece = '';
    this.#pieceBytes = 0;
    return last;
  }

  #writeNext(): void {
    if (this.#isWriting) return;
    const piece = this.#pipe.destroyed ? '' : this.#nextPiece();
    if (piece === '') {
      this.#flushed();
      return;
    }
    this.#isWriting = true;
    this.#pipe.write(piece, () => {
      const bytes = Buffer.byteLength(piece);
      this.takenBytes += bytes;
      this.#waitingBytes -= bytes;
      this.#isWriting = false;
      this.#writeNext();
    });
  }
}
