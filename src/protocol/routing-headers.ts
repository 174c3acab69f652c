/** The header gate: which requests may be upgraded to a WebSocket (spec section 1, "Required headers"). */
import type { HeaderValues } from './header-values.ts';
import { MAX_DEVICE_NAME_BYTES, MAX_SERVER_ID_BYTES, MAX_VERSION_BYTES } from './limits.ts';

export type Role = 'binary' | 'phone';

export interface RoutingHeaders {
  readonly serverId: string;
  /** Binaries only; '' for phones. Only logged. */
  readonly binaryVersion: string;
  /** Phones only; '' if absent. Only logged, truncated to `MAX_DEVICE_NAME_BYTES`. */
  readonly deviceName: string;
}

const SERVER = 'x-pyrycode-server';
const VERSION = 'x-pyrycode-version';
const TOKEN = 'x-pyrycode-token';
const USER_AGENT = 'user-agent';
const DEVICE_NAME = 'x-pyrycode-device-name';

/** Headers that must be present and not empty. The relay never uses the token's value otherwise. */
const REQUIRED: Readonly<Record<Role, readonly string[]>> = {
  binary: [SERVER, VERSION, USER_AGENT],
  phone: [SERVER, TOKEN, USER_AGENT],
};
/** Headers that may appear only once: with two values, a proxy and the relay could read different ones. */
const SINGLE: readonly string[] = [SERVER, VERSION, TOKEN];

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const lenientUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Printable ASCII needs no decoding, and nearly all values are ASCII. */
const ASCII = /^[\x20-\x7e]*$/;

/** Node represents each byte of a header value as one character. */
const headerBytes = (value: string): Uint8Array => Uint8Array.from(value, (char) => char.charCodeAt(0));

/** Undefined if the bytes are not UTF-8: lossy decoding could map two server-ids to one key. */
const decodeExactly = (value: string): string | undefined => {
  if (ASCII.test(value)) return value;
  try {
    return strictUtf8.decode(headerBytes(value));
  } catch {
    return undefined;
  }
};

/** Truncates to `maxBytes` at a character boundary, after replacing invalid UTF-8 with U+FFFD. */
const decodeCut = (value: string, maxBytes: number): string => {
  if (ASCII.test(value)) return value.slice(0, maxBytes);
  const bytes = encoder.encode(lenientUtf8.decode(headerBytes(value)));
  let end = Math.min(bytes.length, maxBytes);
  const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;
  while (end > 0 && end < bytes.length && isContinuation(bytes[end])) end--;
  return lenientUtf8.decode(bytes.subarray(0, end));
};

/**
 * The routing headers of a request, or undefined if the relay must answer 400: a required header is absent or empty, a
 * routing header is repeated, the server-id or version is too long, or the server-id is not UTF-8.
 */
export const readRoutingHeaders = (role: Role, values: HeaderValues): RoutingHeaders | undefined => {
  const first = (name: string): string => values.get(name)?.[0] ?? '';
  if (REQUIRED[role].some((name) => first(name) === '')) return undefined;
  if (SINGLE.some((name) => (values.get(name)?.length ?? 0) > 1)) return undefined;
  if (first(SERVER).length > MAX_SERVER_ID_BYTES) return undefined;
  const version = role === 'binary' ? first(VERSION) : '';
  if (version.length > MAX_VERSION_BYTES) return undefined;
  const serverId = decodeExactly(first(SERVER));
  if (serverId === undefined) return undefined;
  return {
    serverId,
    binaryVersion: decodeCut(version, MAX_VERSION_BYTES),
    deviceName: role === 'phone' ? decodeCut(first(DEVICE_NAME), MAX_DEVICE_NAME_BYTES) : '',
  };
};
