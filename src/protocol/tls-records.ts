/** Finds where the records of a TLS peer end. Their headers are in the clear, in every version (RFC 8446 section 5.1). */

/** One byte of type, two of version, two with the length of what follows. */
const HEADER_BYTES = 5;
const LENGTH_AT = 3;

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

  /**
   * Passes bytes of `chunk` from `start` on, until `count` more records have ended.
   * @returns where the next record begins; the length of `chunk` if fewer end in it
   */
  pass(chunk: Uint8Array, start: number, count: number): number {
    const last = this.#ended + count;
    let at = start;
    while (at < chunk.length && this.#ended < last) {
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
