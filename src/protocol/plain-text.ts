/**
 * The long string that nearly every message is: ciphertext in base64, kilobytes without an escape. Its quote is found by
 * the runtime's own search, and what stands before it is checked four bytes at a time.
 */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
/** `SPACE` in each byte of a word, and the top bit of each byte. */
const SPACES = 0x20202020;
const TOP_BITS = 0x80808080;
const WORD_BYTES = 4;

/**
 * Has a top bit set if a byte of the word is below 0x20, and none otherwise: subtracting 0x20 turns the top bit of such a
 * byte on, and of others only where it was on before. A borrow reaches the next byte only from one that is below.
 */
const borrows = (word: number): number => (word - SPACES) & ~word;

/** Whether a byte below 0x20, which a JSON string must escape, stands in the range. */
const hasControl = (bytes: Uint8Array, start: number, end: number): boolean => {
  // Words can only be read where the memory behind the view is divided into words.
  const firstWord = Math.min(start + (-(bytes.byteOffset + start) & (WORD_BYTES - 1)), end);
  const wordCount = Math.trunc((end - firstWord) / WORD_BYTES);
  const lastWord = firstWord + wordCount * WORD_BYTES;
  for (let i = start; i < firstWord; i++) if ((bytes[i] ?? 0) < SPACE) return true;
  for (let i = lastWord; i < end; i++) if ((bytes[i] ?? 0) < SPACE) return true;
  if (wordCount === 0) return false;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + firstWord, wordCount);
  let seen = 0;
  let k = 0;
  // Four at a time: the bounds checks and the loop would cost more than the work.
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
 * The position of the quote that ends a string, looking on from `at` within it; -1 when that cannot be told so simply: an
 * escape or a control character stands before it, or there is none.
 */
export const plainTextEnd = (bytes: Uint8Array, at: number): number => {
  const quote = bytes.indexOf(QUOTE, at);
  if (quote === -1 || bytes.subarray(at, quote).includes(BACKSLASH)) return -1;
  return hasControl(bytes, at, quote) ? -1 : quote;
};
