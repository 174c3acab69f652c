/**
 * Phone to binary: `{"conn_id":"…","frame":<the phone's bytes>}` (spec section 2, "Relay → binary").
 * A message must be exactly one JSON value. Otherwise a phone could close our envelope early and append forged
 * fields.
 */
import { INVALID, skipValue, skipWhitespace } from './json-scan.ts';

/** Envelope bytes after the frame. */
export const ENVELOPE_TAIL = Uint8Array.of(0x7d);

const encoder = new TextEncoder();

/** Heads are cut from blocks of this size. In memory of its own, one of 50 bytes takes 300 more. */
const HEAD_BLOCK_BYTES = 4_096;
let block = new Uint8Array(0);
let usedBytes = 0;

/** Envelope bytes before the frame. Built once per phone, at registration. */
export const envelopeHead = (connId: string): Uint8Array => {
  const head = encoder.encode(`{"conn_id":${JSON.stringify(connId)},"frame":`);
  if (usedBytes + head.length > block.length) {
    block = new Uint8Array(Math.max(HEAD_BLOCK_BYTES, head.length));
    usedBytes = 0;
  }
  block.set(head, usedBytes);
  usedBytes += head.length;
  return block.subarray(usedBytes - head.length, usedBytes);
};

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
