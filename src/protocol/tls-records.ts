/** Finds where the records of a TLS peer end. Their headers are in the clear, in every version (RFC 8446 section 5.1). */

/** One byte of type, two of version, two with the length of what follows. */
const HEADER_BYTES = 5;
const LENGTH_AT = 3;
const HANDSHAKE = 22;
/** The length of a record of TLS 1.2, which may be longest (RFC 5246 section 6.2.3). */
const MAX_BODY_BYTES = 16_384 + 2_048;

/** Whether a record of the handshake begins at `at`. In TLS 1.3 those that are encrypted look like data. */
export const isHandshakeRecord = (chunk: Uint8Array, at: number): boolean => chunk[at] === HANDSHAKE;

/**
 * Whether the handshake record that begins at `at` is complete. Also true for what is none, or too long for one: nothing is gained by
 * waiting for more.
 */
export const isCompleteHandshakeRecord = (chunk: Uint8Array, at: number): boolean => {
  const bytes = chunk.length - at;
  if (bytes === 0) return false;
  if (!isHandshakeRecord(chunk, at)) return true;
  if (bytes < HEADER_BYTES) return false;
  const bodyBytes = (chunk[at + LENGTH_AT] ?? 0) * 256 + (chunk[at + LENGTH_AT + 1] ?? 0);
  return bodyBytes > MAX_BODY_BYTES || bytes >= HEADER_BYTES + bodyBytes;
};

export class TlsRecords {
  /** Bytes of the current header that were passed. */
  #headerBytes = 0;
  /** Behind a complete header: what is still to come of its record. Before that: its length, as far as it was passed. */
  #leftBytes = 0;
  #ended = 0;

  /** Records that have ended in what was passed. */
  get ended(): number {
    return this.#ended;
  }

  /** Whether what comes next begins a record. */
  get isBetween(): boolean {
    return this.#headerBytes === 0;
  }

  /**
   * Passes bytes of `chunk` from `start` on, until `count` more records have ended, or a handshake record follows.
   * @returns where the next record begins; the length of `chunk` if fewer end in it
   */
  pass(chunk: Uint8Array, start: number, count: number): number {
    const last = this.#ended + count;
    let at = start;
    while (at < chunk.length && this.#ended < last) {
      if (at > start && this.isBetween && isHandshakeRecord(chunk, at)) break;
      at = this.#headerBytes < HEADER_BYTES ? this.#passHeader(chunk, at) : this.#passBody(chunk, at);
    }
    return at;
  }

  #passHeader(chunk: Uint8Array, start: number): number {
    let at = start;
    while (at < chunk.length && this.#headerBytes < HEADER_BYTES) {
      if (this.#headerBytes >= LENGTH_AT) this.#leftBytes = this.#leftBytes * 256 + (chunk[at] ?? 0);
      this.#headerBytes++;
      at++;
    }
    if (this.#headerBytes === HEADER_BYTES && this.#leftBytes === 0) this.#end();
    return at;
  }

  #passBody(chunk: Uint8Array, start: number): number {
    const bytes = Math.min(this.#leftBytes, chunk.length - start);
    this.#leftBytes -= bytes;
    if (this.#leftBytes === 0) this.#end();
    return start + bytes;
  }

  #end(): void {
    this.#headerBytes = 0;
    this.#ended++;
  }
}
