/**
 * Phone to binary: `{"conn_id":"…","frame":<the phone's bytes>}` (spec section 2, "Relay → binary").
 * That a message is exactly one JSON value is what keeps a phone from closing our envelope early and writing
 * fields of its own behind it.
 */
import { INVALID, skipValue, skipWhitespace } from './json-scan.ts';

/** Bytes after the frame. */
export const ENVELOPE_TAIL = Uint8Array.of(0x7d);

const encoder = new TextEncoder();

/** Bytes before the frame. One per phone, made at registration. */
export const envelopeHead = (connId: string): Uint8Array =>
  encoder.encode(`{"conn_id":${JSON.stringify(connId)},"frame":`);

/**
 * The one JSON value in a phone's message, as a view without the whitespace around it; undefined when the message
 * is anything else (empty, not JSON, more than one value, nested deeper than the limit).
 * @param message valid UTF-8
 */
export const readPhoneMessage = (message: Uint8Array): Uint8Array | undefined => {
  const start = skipWhitespace(message, 0);
  const end = skipValue(message, start);
  if (end === INVALID || skipWhitespace(message, end) !== message.length) return undefined;
  return start === 0 && end === message.length ? message : message.subarray(start, end);
};
