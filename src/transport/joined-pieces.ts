/**
 * The pieces of an incomplete message, in memory of their own. As they are read, each holds the buffer of a whole read,
 * and some 300 bytes besides: a byte that arrives alone would cost that, and one at the end of a read 64 KiB.
 */
import { KEPT_PIECE_BYTES, REUSED_PIECE_BYTES } from '../protocol/limits.ts';

/** A first piece gets this much room to grow. */
const LEAST_ROOM_BYTES = 64;

/** Whether a piece holds little more than itself. */
const isKept = ({ length, buffer }: Buffer): boolean =>
  length >= KEPT_PIECE_BYTES && 2 * length >= buffer.byteLength;

/** The bytes, copied unless they hold little more than themselves. */
export const ownBytes = (bytes: Buffer): Buffer => {
  if (isKept(bytes)) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own;
};

const NOTHING = Buffer.alloc(0);

export class JoinedPieces {
  /**
   * The storage of the last joined piece. Bytes are only ever added, so that earlier views of it stay as they are, until all that was in it
   * has been copied out.
   */
  #storage = NOTHING;
  #used = 0;
  /** Bytes of earlier storage that no piece shows; counted until the message is complete, though its first pieces may be gone. */
  #outgrownBytes = 0;
  #isCopiedOut = true;
  /** The last piece of the last call. */
  #last: Buffer | undefined;

  /** Bytes of memory that are kept besides the pieces: for what is still to come, and beside what was joined before. */
  get spareBytes(): number {
    return this.#storage.length - this.#used + this.#outgrownBytes;
  }

  /**
   * Joins the small pieces that were added to `pieces` since the last call, and those before them. Amortised linear.
   * @param areCopiedOut whether whoever takes the pieces from the list will copy them: nobody refers to them then, and their memory is used
   * again for those of the next message. Of a socket that floods, each read leaves such pieces; when they waited for the next, V8 freed
   * them only by marking the whole heap (ADR 16).
   */
  join(pieces: Buffer[], areCopiedOut = false): void {
    if (pieces.length === 0) {
      this.#last = undefined;
      this.#forget();
      return;
    }
    const joined = this.#last === undefined ? 0 : pieces.lastIndexOf(this.#last) + 1;
    if (joined === pieces.length) return;
    // Another message has begun.
    if (joined === 0) this.#startAnew(pieces);
    this.#isCopiedOut &&= areCopiedOut;
    const added = pieces.splice(joined);
    let run: Buffer[] = [];
    for (const piece of added) {
      if (!isKept(piece)) {
        run.push(piece);
        continue;
      }
      this.#append(pieces, run);
      run = [];
      pieces.push(piece);
    }
    this.#append(pieces, run);
    this.#last = pieces.at(-1);
  }

  #forget(): void {
    this.#storage = NOTHING;
    this.#used = 0;
    this.#outgrownBytes = 0;
    this.#isCopiedOut = true;
  }

  #startAnew(pieces: readonly Buffer[]): void {
    const isFree = this.#isCopiedOut && pieces.every(({ buffer }) => buffer !== this.#storage.buffer);
    this.#outgrownBytes = 0;
    if (isFree && this.#storage.length <= REUSED_PIECE_BYTES) this.#used = 0;
    else this.#forget();
  }

  /** What no piece shows of the storage that is about to be replaced. @param movedBytes of its end, which move to the new one */
  #countOutgrown(pieces: readonly Buffer[], movedBytes: number): void {
    // From the end: that is where the last ones are.
    if (pieces.findLast(({ buffer }) => buffer === this.#storage.buffer) === undefined) return;
    this.#outgrownBytes += this.#storage.length - this.#used + movedBytes;
  }

  #isLast({ buffer, byteOffset, length }: Buffer): boolean {
    return buffer === this.#storage.buffer && byteOffset + length === this.#used;
  }

  #append(pieces: Buffer[], run: readonly Buffer[]): void {
    if (run.length === 0) return;
    const before = pieces.at(-1);
    const grown = before !== undefined && this.#isLast(before) ? before : NOTHING;
    if (grown !== NOTHING) pieces.pop();
    const bytes = run.reduce((sum, { length }) => sum + length, grown.length);
    let start = this.#used - grown.length;
    if (start + bytes > this.#storage.length) {
      const room = grown === NOTHING ? bytes : 2 * bytes;
      this.#countOutgrown(pieces, grown.length);
      this.#storage = Buffer.allocUnsafeSlow(Math.max(room, LEAST_ROOM_BYTES));
      this.#storage.set(grown);
      start = 0;
    }
    this.#used = start + grown.length;
    for (const piece of run) {
      this.#storage.set(piece, this.#used);
      this.#used += piece.length;
    }
    pieces.push(this.#storage.subarray(start, this.#used));
  }
}
