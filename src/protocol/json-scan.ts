/**
 * Structural JSON scanner (RFC 8259) over raw bytes. It finds where a value ends and allocates nothing, so a frame
 * can be validated and sliced out of its message without decoding. It is iterative: `MAX_JSON_DEPTH` bounds the
 * nesting, not the call stack.
 *
 * The bytes must be valid UTF-8. Inside strings, every byte from 0x80 up is accepted as text.
 */
import { MAX_JSON_DEPTH } from './limits.ts';
import { skipPlainText } from './plain-text.ts';

export const INVALID = -1;

export const QUOTE = 0x22;
export const COMMA = 0x2c;
const COLON = 0x3a;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const SPACE = 0x20;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** Strings longer than this are scanned by `skipPlainText` from here on. Shorter ones do not repay the call. */
const NEAR_BYTES = 64;

const IN_ARRAY = 0;
const IN_OBJECT = 1;
/** Stack of open containers, one byte per level. Shared by all scans, which are synchronous and not re-entrant. */
const open = new Uint8Array(MAX_JSON_DEPTH);

const isWhitespace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= NINE;

/** The first position at or after `at` that is not JSON whitespace, or `bytes.length`. */
export const skipWhitespace = (bytes: Uint8Array, at: number): number => {
  let i = at;
  while (i < bytes.length && isWhitespace(bytes[i])) i++;
  return i;
};

const isHexDigit = (byte: number | undefined): boolean =>
  isDigit(byte) || (byte !== undefined && ((byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)));

/** The position after the escape whose backslash is at `at`, or `INVALID`. */
const skipEscape = (bytes: Uint8Array, at: number): number => {
  switch (bytes[at + 1]) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f: // solidus
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at + 2;
    case 0x75: // uXXXX
      for (let i = at + 2; i < at + 6; i++) if (!isHexDigit(bytes[i])) return INVALID;
      return at + 6;
    default:
      return INVALID;
  }
};

/** The position after the string whose opening quote is at `at`, or `INVALID`. */
export const skipString = (bytes: Uint8Array, at: number): number => {
  let nearEnd = at + NEAR_BYTES;
  let i = at + 1;
  for (;;) {
    const byte = bytes[i];
    if (byte === undefined || byte < SPACE) return INVALID;
    if (byte === QUOTE) return i + 1;
    if (byte === BACKSLASH) {
      i = skipEscape(bytes, i);
      if (i === INVALID) return INVALID;
    } else {
      i++;
    }
    if (i >= nearEnd) {
      i = skipPlainText(bytes, i);
      // Once per string. A text of escapes, with a little between them, would cost several times as much.
      nearEnd = Number.POSITIVE_INFINITY;
    }
  }
};

const skipDigits = (bytes: Uint8Array, at: number): number => {
  let i = at;
  while (isDigit(bytes[i])) i++;
  return i === at ? INVALID : i;
};

/** The position after the number that starts at `at`, or `INVALID`. */
const skipNumber = (bytes: Uint8Array, at: number): number => {
  let i = bytes[at] === MINUS ? at + 1 : at;
  i = bytes[i] === ZERO ? i + 1 : skipDigits(bytes, i);
  if (i === INVALID) return INVALID;
  if (bytes[i] === DOT) {
    i = skipDigits(bytes, i + 1);
    if (i === INVALID) return INVALID;
  }
  if (bytes[i] === 0x65 || bytes[i] === 0x45) {
    const signed = bytes[i + 1] === PLUS || bytes[i + 1] === MINUS;
    i = skipDigits(bytes, signed ? i + 2 : i + 1);
  }
  return i;
};

const TRUE = [0x74, 0x72, 0x75, 0x65] as const;
const FALSE = [0x66, 0x61, 0x6c, 0x73, 0x65] as const;
export const NULL = [0x6e, 0x75, 0x6c, 0x6c] as const;

const skipLiteral = (bytes: Uint8Array, at: number, literal: readonly number[]): number => {
  for (let i = 0; i < literal.length; i++) if (bytes[at + i] !== literal[i]) return INVALID;
  return at + literal.length;
};

/** The position after the string, number or literal at `at`, or `INVALID`. */
const skipScalar = (bytes: Uint8Array, at: number): number => {
  switch (bytes[at]) {
    case QUOTE:
      return skipString(bytes, at);
    case TRUE[0]:
      return skipLiteral(bytes, at, TRUE);
    case FALSE[0]:
      return skipLiteral(bytes, at, FALSE);
    case NULL[0]:
      return skipLiteral(bytes, at, NULL);
    default:
      return skipNumber(bytes, at);
  }
};

/** The position of a member's value, or `INVALID`. The member's key must start at `at`. */
export const skipKey = (bytes: Uint8Array, at: number): number => {
  if (bytes[at] !== QUOTE) return INVALID;
  const afterKey = skipString(bytes, at);
  if (afterKey === INVALID) return INVALID;
  const colon = skipWhitespace(bytes, afterKey);
  return bytes[colon] === COLON ? skipWhitespace(bytes, colon + 1) : INVALID;
};

/**
 * The position after the JSON value at `at` (no leading whitespace), or `INVALID`.
 * @param outerDepth number of containers that enclose `at`; they count towards `MAX_JSON_DEPTH`
 */
export const skipValue = (bytes: Uint8Array, at: number, outerDepth = 0): number => {
  const deepest = MAX_JSON_DEPTH - outerDepth;
  let depth = 0;
  let i = at;
  for (;;) {
    const byte = bytes[i];
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (depth === deepest) return INVALID;
      const inObject = byte === OPEN_BRACE;
      open[depth++] = inObject ? IN_OBJECT : IN_ARRAY;
      i = skipWhitespace(bytes, i + 1);
      if (bytes[i] !== (inObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
        if (inObject) i = skipKey(bytes, i);
        if (i === INVALID) return INVALID;
        continue;
      }
      depth--;
      i++;
    } else {
      i = skipScalar(bytes, i);
      if (i === INVALID) return INVALID;
    }

    // A value has ended: close every container that ends here, then move to the next member or element.
    for (;;) {
      if (depth === 0) return i;
      i = skipWhitespace(bytes, i);
      const inObject = open[depth - 1] === IN_OBJECT;
      if (bytes[i] === COMMA) {
        i = skipWhitespace(bytes, i + 1);
        if (inObject) i = skipKey(bytes, i);
        if (i === INVALID) return INVALID;
        break;
      }
      if (bytes[i] !== (inObject ? CLOSE_BRACE : CLOSE_BRACKET)) return INVALID;
      depth--;
      i++;
    }
  }
};
