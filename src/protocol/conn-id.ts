/** Connection ids: `c-` followed by 16 hex digits (64 random bits). Opaque to peers; never reused. */

const FORM = /^c-[0-9a-f]{16}$/;
const END_DIGITS = 8;

export const CONN_ID_LENGTH = 2 + 2 * END_DIGITS;

/**
 * Uses the first and last 8 hex digits of the UUID, which are all random. The fixed version and variant bits are in the
 * middle (RFC 9562 section 5.4).
 * @param uuid version 4, lower case, from a cryptographic source, so that ids cannot be guessed
 */
export const makeConnId = (uuid: string): string =>
  `c-${uuid.slice(0, END_DIGITS)}${uuid.slice(-END_DIGITS)}`;

export const isConnId = (text: string): boolean => FORM.test(text);
