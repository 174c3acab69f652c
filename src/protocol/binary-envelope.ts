/**
 * Binary to phone: parses one routing envelope (spec section 2, "Binary → relay").
 * The frame is returned as the exact source bytes of its value. Key names match exactly, the last duplicate of a
 * key wins, and unknown keys are skipped.
 */
import { CONN_ID_LENGTH } from './conn-id.ts';
import {
  CLOSE_BRACE,
  COMMA,
  INVALID,
  NULL,
  OPEN_BRACE,
  QUOTE,
  skipKey,
  skipString,
  skipValue,
  skipWhitespace,
} from './json-scan.ts';
import { MAX_ENVELOPE_MEMBERS } from './limits.ts';

/** Why an envelope was dropped. Constant texts, because they are logged and input must never reach the log. */
export type EnvelopeFault = 'malformed envelope' | 'too many members' | 'missing conn_id' | 'missing frame';

export type BinaryEnvelope =
  | { readonly kind: 'frame'; readonly connId: string; readonly frame: Uint8Array }
  | {
      readonly kind: 'directive';
      readonly connId: string;
      /** Last frame for the phone, sent before the close; undefined if the directive carries none. */
      readonly frame: Uint8Array | undefined;
      /** 1 to 65535. The server chart checks whether the code may be sent. */
      readonly closeCode: number;
    }
  | {
      readonly kind: 'pushWake';
      /** The source bytes of its value: any JSON but null. */
      readonly wake: Uint8Array;
    }
  | { readonly kind: 'fault'; readonly fault: EnvelopeFault };

const MALFORMED: BinaryEnvelope = { kind: 'fault', fault: 'malformed envelope' };
const TOO_MANY_MEMBERS: BinaryEnvelope = { kind: 'fault', fault: 'too many members' };
const MISSING_CONN_ID: BinaryEnvelope = { kind: 'fault', fault: 'missing conn_id' };
const MISSING_FRAME: BinaryEnvelope = { kind: 'fault', fault: 'missing frame' };

const MAX_CLOSE_CODE = 0xffff;
const BACKSLASH = 0x5c;
/** Keeps a byte order mark as text. Stripping it would let a key with a BOM match the key without one. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Decodes a scanned JSON string. The range includes both quotes. */
const readString = (bytes: Uint8Array, start: number, end: number): string => {
  const text = decoder.decode(bytes.subarray(start + 1, end - 1));
  if (!bytes.subarray(start, end).includes(BACKSLASH)) return text;
  const unescaped: unknown = JSON.parse(`"${text}"`);
  return typeof unescaped === 'string' ? unescaped : text;
};

/** The longest spelling of a conn id in bytes, with its quotes. */
const LONGEST_CONN_ID_BYTES = 6 * CONN_ID_LENGTH + 2;
/** Stands for a conn id that is too long to be one of ours. Nobody has it. */
const NOT_A_CONN_ID = 'not a conn id';

type KnownKey = 'conn_id' | 'frame' | 'close_code' | 'push_wake';

const encoder = new TextEncoder();
const KNOWN_KEYS: readonly { readonly key: KnownKey; readonly bytes: Uint8Array }[] = (
  ['conn_id', 'frame', 'close_code', 'push_wake'] as const
).map((key) => ({ key, bytes: encoder.encode(key) }));

/** The longest spelling of a known key in bytes: each character as `\u` and four digits. */
const LONGEST_KEY_BYTES = 6 * Math.max(...KNOWN_KEYS.map(({ bytes }) => bytes.length));

const standsAt = (name: Uint8Array, bytes: Uint8Array, at: number): boolean => {
  for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name[i]) return false;
  return true;
};

/** The known key in this range (quotes included), or undefined for any other key. */
const readKey = (bytes: Uint8Array, start: number, end: number): KnownKey | undefined => {
  const length = end - start - 2;
  for (const { key, bytes: name } of KNOWN_KEYS) {
    if (name.length === length && standsAt(name, bytes, start + 1)) return key;
  }
  if (length > LONGEST_KEY_BYTES || !bytes.subarray(start, end).includes(BACKSLASH)) return undefined;
  const text = readString(bytes, start, end);
  return KNOWN_KEYS.find(({ key }) => key === text)?.key;
};

const isNull = (bytes: Uint8Array, start: number): boolean => bytes[start] === NULL[0];

/** Accepts plain decimal literals only: like Go, rejects `4401.0` and `1e3`. */
const readCloseCode = (bytes: Uint8Array, start: number, end: number): number | undefined => {
  const literal = decoder.decode(bytes.subarray(start, end));
  if (!/^\d{1,5}$/.test(literal)) return undefined;
  const code = Number(literal);
  return code <= MAX_CLOSE_CODE ? code : undefined;
};

/** Decoding costs as much as ten frames of the same size, so it is done only for what can be a conn id. */
const readConnId = (bytes: Uint8Array, start: number, end: number): string =>
  end - start > LONGEST_CONN_ID_BYTES ? NOT_A_CONN_ID : readString(bytes, start, end);

interface Fields {
  connId: string;
  frame: Uint8Array | undefined;
  closeCode: number;
  pushWake: Uint8Array | undefined;
  connIdIsWrong: boolean;
  closeCodeIsWrong: boolean;
}

/** Stores one member, whose value is the given range. A later duplicate overwrites everything the earlier one set. */
const takeMember = (
  fields: Fields,
  key: KnownKey | undefined,
  bytes: Uint8Array,
  start: number,
  end: number,
): void => {
  switch (key) {
    case 'conn_id': {
      const isString = bytes[start] === QUOTE;
      fields.connId = isString ? readConnId(bytes, start, end) : '';
      fields.connIdIsWrong = !isString && !isNull(bytes, start);
      return;
    }
    case 'frame':
      fields.frame = isNull(bytes, start) ? undefined : bytes.subarray(start, end);
      return;
    case 'close_code': {
      const code = isNull(bytes, start) ? 0 : readCloseCode(bytes, start, end);
      fields.closeCode = code ?? 0;
      fields.closeCodeIsWrong = code === undefined;
      return;
    }
    case 'push_wake':
      fields.pushWake = isNull(bytes, start) ? undefined : bytes.subarray(start, end);
      return;
    case undefined:
      return;
  }
};

const readMembers = (
  bytes: Uint8Array,
  objectStart: number,
): Fields | 'malformed envelope' | 'too many members' => {
  const fields: Fields = {
    connId: '',
    frame: undefined,
    closeCode: 0,
    pushWake: undefined,
    connIdIsWrong: false,
    closeCodeIsWrong: false,
  };
  let i = skipWhitespace(bytes, objectStart + 1);
  if (bytes[i] === CLOSE_BRACE) {
    i++;
  } else {
    for (let members = 1; ; members++) {
      if (members > MAX_ENVELOPE_MEMBERS) return 'too many members';
      const valueStart = skipKey(bytes, i);
      if (valueStart === INVALID) return 'malformed envelope';
      const valueEnd = skipValue(bytes, valueStart, 1);
      if (valueEnd === INVALID) return 'malformed envelope';
      takeMember(fields, readKey(bytes, i, skipString(bytes, i)), bytes, valueStart, valueEnd);
      i = skipWhitespace(bytes, valueEnd);
      if (bytes[i] === CLOSE_BRACE) {
        i++;
        break;
      }
      if (bytes[i] !== COMMA) return 'malformed envelope';
      i = skipWhitespace(bytes, i + 1);
    }
  }
  return skipWhitespace(bytes, i) === bytes.length ? fields : 'malformed envelope';
};

const isLoneNull = (bytes: Uint8Array, start: number): boolean => {
  const end = isNull(bytes, start) ? skipValue(bytes, start) : INVALID;
  return end !== INVALID && skipWhitespace(bytes, end) === bytes.length;
};

/** @param message valid UTF-8 */
export const readBinaryEnvelope = (message: Uint8Array): BinaryEnvelope => {
  const start = skipWhitespace(message, 0);
  if (message[start] !== OPEN_BRACE) return isLoneNull(message, start) ? MISSING_CONN_ID : MALFORMED;
  const fields = readMembers(message, start);
  if (fields === 'too many members') return TOO_MANY_MEMBERS;
  if (typeof fields === 'string' || fields.connIdIsWrong || fields.closeCodeIsWrong) return MALFORMED;
  const { connId, frame, closeCode, pushWake } = fields;
  if (connId === '') return pushWake === undefined ? MISSING_CONN_ID : { kind: 'pushWake', wake: pushWake };
  if (closeCode !== 0) return { kind: 'directive', connId, frame, closeCode };
  return frame === undefined ? MISSING_FRAME : { kind: 'frame', connId, frame };
};
