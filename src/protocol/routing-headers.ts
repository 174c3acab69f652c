/** The header gate: which requests may be upgraded to a WebSocket (spec section 1, "Required headers"). */
import type { HeaderValues } from './header-values.ts';
import { MAX_DEVICE_NAME_BYTES, MAX_SERVER_ID_BYTES, MAX_VERSION_BYTES } from './request-limits.ts';

export type Role = 'binary' | 'phone';

export interface RoutingHeaders {
  readonly serverId: string;
  /** Binaries only; '' for phones. Only logged. */
  readonly binaryVersion: string;
  /** Phones only; '' if absent. Only logged, truncated to `MAX_DEVICE_NAME_BYTES`. */
  readonly deviceName: string;
}

const SERVER = 'X-Pyrycode-Server';
const VERSION = 'X-Pyrycode-Version';
const TOKEN = 'X-Pyrycode-Token';
const USER_AGENT = 'User-Agent';
const DEVICE_NAME = 'X-Pyrycode-Device-Name';

/** Names that a refusal may carry. */
export const ROUTING_HEADERS = [SERVER, VERSION, TOKEN, USER_AGENT] as const;
export type RoutingHeader = (typeof ROUTING_HEADERS)[number];

/** Each with the words that follow the header's name. */
export const HEADER_PROBLEMS = {
  missing: 'is missing',
  empty: 'is empty',
  repeated: 'is repeated',
  too_long: 'is too long',
  not_utf8: 'is not UTF-8',
} as const;
export type HeaderProblem = keyof typeof HEADER_PROBLEMS;

/** Why the relay answers 400. Names are public; the value is not in it. */
export interface HeaderFault {
  readonly header: RoutingHeader;
  readonly problem: HeaderProblem;
}

/** Headers that must be present and not empty. The relay never uses the token's value otherwise. */
const REQUIRED: Readonly<Record<Role, readonly RoutingHeader[]>> = {
  binary: [SERVER, VERSION, USER_AGENT],
  phone: [SERVER, TOKEN, USER_AGENT],
};
/** Headers that may appear only once: with two values, a proxy and the relay could read different ones. */
const SINGLE: ReadonlySet<RoutingHeader> = new Set([SERVER, VERSION, TOKEN]);
/** In bytes. */
const MAX_BYTES: ReadonlyMap<RoutingHeader, number> = new Map([
  [SERVER, MAX_SERVER_ID_BYTES],
  [VERSION, MAX_VERSION_BYTES],
]);

const NONE: readonly string[] = [];

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

/** One line, without a line break. */
export const explainHeaderFault = ({ header, problem }: HeaderFault): string => {
  const maxBytes = problem === 'too_long' ? `: at most ${MAX_BYTES.get(header) ?? 0} bytes are accepted` : '';
  return `${header} ${HEADER_PROBLEMS[problem]}${maxBytes}`;
};

const problemOf = (
  role: Role,
  header: RoutingHeader,
  found: readonly string[],
): HeaderProblem | undefined => {
  const [value, second] = found;
  const isRequired = REQUIRED[role].includes(header);
  if (isRequired && value === undefined) return 'missing';
  if (isRequired && value === '') return 'empty';
  if (second !== undefined && SINGLE.has(header)) return 'repeated';
  const maxBytes = isRequired ? MAX_BYTES.get(header) : undefined;
  return value !== undefined && maxBytes !== undefined && value.length > maxBytes ? 'too_long' : undefined;
};

/** The routing headers of a request, or the first fault for which the relay must answer 400. */
export const readRoutingHeaders = (role: Role, values: HeaderValues): RoutingHeaders | HeaderFault => {
  const all = (name: string): readonly string[] => values.get(name.toLowerCase()) ?? NONE;
  for (const header of ROUTING_HEADERS) {
    const problem = problemOf(role, header, all(header));
    if (problem !== undefined) return { header, problem };
  }
  const serverId = decodeExactly(all(SERVER)[0] ?? '');
  if (serverId === undefined) return { header: SERVER, problem: 'not_utf8' };
  const isBinary = role === 'binary';
  return {
    serverId,
    binaryVersion: isBinary ? decodeCut(all(VERSION)[0] ?? '', MAX_VERSION_BYTES) : '',
    deviceName: isBinary ? '' : decodeCut(all(DEVICE_NAME)[0] ?? '', MAX_DEVICE_NAME_BYTES),
  };
};
