/** All values of each request header, keyed by lower-case name. */
export type HeaderValues = ReadonlyMap<string, readonly string[]>;

const SPACE = 0x20;
const TAB = 0x09;

/**
 * Optional whitespace of HTTP (RFC 9110 section 5.6.3): space and tab only. JavaScript's `trim()` would also strip 0xa0,
 * which can be part of a UTF-8 character.
 */
const isBlank = (charCode: number): boolean => charCode === SPACE || charCode === TAB;

/**
 * Strips surrounding spaces and tabs. Uses a loop because peers choose the text: `/[ \t]+$/` is quadratic in the number of
 * blanks, and 16 KB of them blocked the event loop for 180 ms.
 */
export const trimBlanks = (text: string): string => {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
};

/**
 * Groups header values by lower-case name, with surrounding spaces and tabs removed.
 * @param rawHeaders alternating names and values, one character per byte (Node's `rawHeaders`)
 */
export const collectHeaders = (rawHeaders: readonly string[]): HeaderValues => {
  const values = new Map<string, string[]>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    const value = trimBlanks(rawHeaders[i + 1] ?? '');
    const seen = values.get(name);
    if (seen === undefined) values.set(name, [value]);
    else seen.push(value);
  }
  return values;
};
