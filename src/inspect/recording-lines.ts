/** Splits a recording into lines as its bytes arrive. At most one line is held. */
import { MAX_RECORDING_BYTES, MAX_RECORDING_LINE_BYTES } from './recorder-limits.ts';
import { fail, RecordingError } from './recording-error.ts';

export interface Line {
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
}

const LINE_END = 0x0a;
/** A mark that some editors write at the beginning of a file; it is not part of the text. */
const BYTE_ORDER_MARK = '\u{feff}';
const BLANK = /^\s*$/;

export class RecordingLines {
  /** The line that has begun. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #bytes = 0;
  #line = 0;
  /** An editor may leave empty lines at the end. Nothing may follow them. */
  #firstBlank: number | undefined;

  /**
   * The lines that end in `chunk`.
   * @throws RecordingError if a line or the whole is too long, or an empty line is not at the end
   */
  *take(chunk: Buffer): Generator<Line, void> {
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_RECORDING_BYTES) {
      throw new RecordingError(`longer than ${MAX_RECORDING_BYTES} bytes, which no recording is`);
    }
    let start = 0;
    for (let end = chunk.indexOf(LINE_END); end !== -1; end = chunk.indexOf(LINE_END, start)) {
      this.#keep(chunk.subarray(start, end));
      start = end + 1;
      const line = this.#endLine();
      if (line !== undefined) yield line;
      // A file of nothing but line ends has millions of them.
      for (; chunk[start] === LINE_END; start++) this.#endEmptyLine();
    }
    // Copied: the chunk would be held for the sake of its last bytes.
    if (start < chunk.length) this.#keep(Buffer.from(chunk.subarray(start)));
  }

  /** The last line, if it has no line end. */
  end(): Line | undefined {
    return this.#pieceBytes > 0 ? this.#endLine() : undefined;
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#pieceBytes += piece.length;
    if (this.#pieceBytes > MAX_RECORDING_LINE_BYTES) {
      fail(this.#line + 1, `longer than ${MAX_RECORDING_LINE_BYTES} bytes`);
    }
    this.#pieces.push(piece);
  }

  /** @returns undefined for an empty line */
  #endLine(): Line | undefined {
    const text = this.#takeText();
    if (BLANK.test(text)) {
      this.#endEmptyLine();
      return undefined;
    }
    this.#line++;
    if (this.#firstBlank !== undefined) fail(this.#firstBlank, 'empty, which only lines at the end may be');
    return { number: this.#line, text };
  }

  #endEmptyLine(): void {
    this.#line++;
    this.#firstBlank ??= this.#line;
  }

  #takeText(): string {
    const text = Buffer.concat(this.#pieces).toString('utf8');
    this.#pieces = [];
    this.#pieceBytes = 0;
    return this.#line === 0 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
  }
}
