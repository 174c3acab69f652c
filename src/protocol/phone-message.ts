/**
 * Phone to binary: `{"conn_id":"…","frame":<the phone's bytes>}` (spec section 2, "Relay → binary").
 * A message must be exactly one JSON value. Otherwise a phone could close our envelope early and append forged
 * fields.
 */
import { INVALID, skipValue, skipWhitespace } from './json-scan.ts';

/** Envelope bytes after the frame. */
export const ENVELOPE_TAIL = Uint8Array.of(0x7d);

const encoder = new TextEncoder();

/** Envelope bytes before the frame. Built once per phone, at registration. */
export const envelopeHead = (connId: string): Uint8Array =>
  encoder.encode(`{"conn_id":${JSON.stringify(connId)},"frame":`);

/**
 * The single JSON value of a phone's message, as a view without the surrounding whitespace. Undefined if the message
 * is empty, not JSON, more than one value, or nested deeper than `MAX_JSON_DEPTH`.
 * @param message valid UTF-8
 */
export const readPhoneMessage = (message: Uint8Array): Uint8Array | undefined => {
  const start = skipWhitespace(message, 0);
  const end = skipValue(message, start);
  if (end === INVALID || skipWhitespace(message, end) !== message.length) return undefined;
  return start === 0 && end === message.length ? message : message.subarray(start, end);
};
