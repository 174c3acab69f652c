/** The headers of a request, however often each comes and however its name is written. */
export type HeaderValues = ReadonlyMap<string, readonly string[]>;

/** Space and tab only (RFC 9110 section 5.6.3): what JavaScript calls blank can be a byte of a UTF-8 character. */
const BLANKS_AROUND = /^[ \t]+|[ \t]+$/g;

/**
 * The values of each header, without blanks around them, by its name in lower case.
 * @param rawHeaders names and values in turn, one character a byte, as Node's `rawHeaders`
 */
export const collectHeaders = (rawHeaders: readonly string[]): HeaderValues => {
  const values = new Map<string, string[]>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    const value = (rawHeaders[i + 1] ?? '').replace(BLANKS_AROUND, '');
    const seen = values.get(name);
    if (seen === undefined) values.set(name, [value]);
    else seen.push(value);
  }
  return values;
};
