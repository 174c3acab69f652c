/** The headers of a request, however often each comes and however its name is written. */
export type HeaderValues = ReadonlyMap<string, readonly string[]>;

const SPACE = 0x20;
const TAB = 0x09;

/** Optional whitespace of HTTP (RFC 9110 section 5.6.3). What else JavaScript calls blank can be a byte of a UTF-8 character. */
const isBlank = (charCode: number): boolean => charCode === SPACE || charCode === TAB;

/**
 * The text without spaces and tabs around it. A loop, because a peer chooses the text: `/[ \t]+$/` tries to match from
 * each blank within it, and 16 KB of them kept the event loop for 180 ms.
 */
export const trimBlanks = (text: string): string => {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
};

/**
 * The values of each header, without blanks around them, by its name in lower case.
 * @param rawHeaders names and values in turn, one character a byte, as Node's `rawHeaders`
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
