const CR = 0x0d;
const LF = 0x0a;
/** The method with which HTTP/2 begins, and nothing else (RFC 9113 section 3.4). */
const HTTP2_METHOD = Array.from('PRI ', (char) => char.charCodeAt(0));

/**
 * Finds where a request head ends: at its first empty line (RFC 9112 section 2.1). Empty lines before the request line do not
 * count (section 2.2), and a line may end without CR: whether that is an error is for the HTTP parser to say.
 */
export class RequestHeadEnd {
  #hasBegun = false;
  #isLineEmpty = true;
  /** How many bytes of `HTTP2_METHOD` it begins with; -1 if it begins with another. */
  #methodBytes = 0;

  get isHttp2(): boolean {
    return this.#methodBytes === HTTP2_METHOD.length;
  }

  /**
   * @param bytes what follows the bytes of the last call
   * @returns the index behind the head, or -1 if it does not end here
   */
  find(bytes: Uint8Array): number {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i];
      if (byte === LF) {
        if (this.#hasBegun && this.#isLineEmpty) return i + 1;
        this.#isLineEmpty = true;
      } else if (byte !== CR) {
        this.#hasBegun = true;
        this.#isLineEmpty = false;
        if (this.#methodBytes >= 0 && !this.isHttp2)
          this.#methodBytes = byte === HTTP2_METHOD[this.#methodBytes] ? this.#methodBytes + 1 : -1;
      }
    }
    return -1;
  }
}
