/**
 * Fast path for long strings without escapes. Nearly every message is one: kilobytes of base64 ciphertext. The native
 * `indexOf` finds the closing quote, and the text before it is checked four bytes at a time.
 */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
/** `SPACE` in every byte of a word. */
const SPACES = 0x20202020;
/** The top bit of every byte of a word. */
const TOP_BITS = 0x80808080;
const WORD_BYTES = 4;

/**
 * Some byte of the result has its top bit set if and only if a byte of the word is below 0x20. Subtracting 0x20 sets the
 * top bit of such a byte; in any other byte the bit can be set only if it already was, and `& ~word` masks that out. Only
 * a byte below 0x20 borrows from the next one, so a borrow causes no false positive.
 */
const borrows = (word: number): number => (word - SPACES) & ~word;

/** Whether the range has a byte below 0x20, which a JSON string must escape. */
const hasControl = (bytes: Uint8Array, start: number, end: number): boolean => {
  // An Int32Array must start at a multiple of 4 in the underlying buffer.
  const firstWord = Math.min(start + (-(bytes.byteOffset + start) & (WORD_BYTES - 1)), end);
  const wordCount = Math.trunc((end - firstWord) / WORD_BYTES);
  const lastWord = firstWord + wordCount * WORD_BYTES;
  for (let i = start; i < firstWord; i++) if ((bytes[i] ?? 0) < SPACE) return true;
  for (let i = lastWord; i < end; i++) if ((bytes[i] ?? 0) < SPACE) return true;
  if (wordCount === 0) return false;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + firstWord, wordCount);
  let seen = 0;
  let k = 0;
  // Unrolled by four: loop and bounds checks would cost more than the work itself.
  for (; k + 4 <= wordCount; k += 4) {
    seen |=
      borrows(words[k] ?? 0) |
      borrows(words[k + 1] ?? 0) |
      borrows(words[k + 2] ?? 0) |
      borrows(words[k + 3] ?? 0);
  }
  for (; k < wordCount; k++) seen |= borrows(words[k] ?? 0);
  return (seen & TOP_BITS) !== 0;
};

/**
 * The position of the closing quote of the string that contains `at`. Returns -1 if there is no quote, or if an escape or
 * a control character precedes it; the caller must then scan byte by byte.
 */
export const plainTextEnd = (bytes: Uint8Array, at: number): number => {
  const quote = bytes.indexOf(QUOTE, at);
  if (quote === -1 || bytes.subarray(at, quote).includes(BACKSLASH)) return -1;
  return hasControl(bytes, at, quote) ? -1 : quote;
};
