/** Connection ids: `c-` and 16 hex digits, 64 random bits. Opaque to everyone; never used twice. */

const FORM = /^c-[0-9a-f]{16}$/;
const END_DIGITS = 8;

/**
 * Takes the first and the last 8 hex digits of the UUID: all of them are random. The version and the variant, which are
 * fixed, stand in the middle (RFC 9562 section 5.4).
 * @param uuid version 4, in lower case, from a cryptographic source: ids must not be guessable
 */
export const makeConnId = (uuid: string): string =>
  `c-${uuid.slice(0, END_DIGITS)}${uuid.slice(-END_DIGITS)}`;

export const isConnId = (text: string): boolean => FORM.test(text);
