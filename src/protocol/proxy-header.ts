/**
 * Version 2 of the PROXY protocol (haproxy.org, proxy-protocol.txt, section 2.2): the header in which a proxy says who has dialled
 * it. Only TCP over IPv4 and IPv6 is taken, for only those have an address.
 */
import { MAX_PROXY_HEADER_BYTES } from './request-limits.ts';

/**
 * `missing`: the bytes are something else. `v1`: the text form. `local`: the proxy's own connection, such as a health check.
 * `unspec` and `unix`: without an IP address. `too_long`: longer than `MAX_PROXY_HEADER_BYTES`.
 */
export type ProxyHeaderFault = 'missing' | 'v1' | 'local' | 'unspec' | 'unix' | 'malformed' | 'too_long';

export type ProxyHeader =
  | { readonly kind: 'incomplete' }
  | {
      readonly kind: 'header';
      /** Of the client, as `peerAddress` returns it. */
      readonly address: string;
      /** Length of the whole header. What follows is the client's. */
      readonly bytes: number;
    }
  | { readonly kind: 'fault'; readonly fault: ProxyHeaderFault };

const SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);
/** `PROXY `, with which version 1 begins. */
const V1_START = Uint8Array.of(0x50, 0x52, 0x4f, 0x58, 0x59, 0x20);
/** Signature, version and command, family and transport, length of what follows. */
const FIXED_BYTES = 16;

const VERSION_2 = 0x2;
const LOCAL = 0x0;
const PROXY = 0x1;
const STREAM = 0x1;
const IPV4 = { family: 0x1, addressBytes: 4, blockBytes: 12 } as const;
const IPV6 = { family: 0x2, addressBytes: 16, blockBytes: 36 } as const;
const UNIX = 0x3;

const INCOMPLETE: ProxyHeader = { kind: 'incomplete' };
const faulty = (fault: ProxyHeaderFault): ProxyHeader => ({ kind: 'fault', fault });

/** Whether one begins as the other does, as far as both go. */
const agrees = (bytes: Uint8Array, start: Uint8Array): boolean =>
  start.every((byte, i) => i >= bytes.length || bytes[i] === byte);

const ipv4Text = (bytes: Uint8Array): string => bytes.join('.');

/** With the longest run of zero groups left out (RFC 5952 section 4.2); IPv4 where it is mapped (RFC 4291 section 2.5.5.2). */
const ipv6Text = (bytes: Uint8Array): string => {
  const isMapped =
    bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (isMapped) return ipv4Text(bytes.subarray(12));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(2 * i).toString(16));
  let gap = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === '0') end++;
    if (end - start > gap.length) gap = { start, length: end - start };
  }
  if (gap.length < 2) return groups.join(':');
  return `${groups.slice(0, gap.start).join(':')}::${groups.slice(gap.start + gap.length).join(':')}`;
};

/** `bytes` has the signature and at least one byte behind it. */
const readFixed = (bytes: Uint8Array): ProxyHeader => {
  const versionAndCommand = bytes[SIGNATURE.length] ?? 0;
  const command = versionAndCommand & 0xf;
  if (versionAndCommand >> 4 !== VERSION_2 || command > PROXY) return faulty('malformed');
  if (command === LOCAL) return faulty('local');
  if (bytes.length < FIXED_BYTES) return INCOMPLETE;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const familyAndTransport = view.getUint8(13);
  const family = familyAndTransport >> 4;
  if (family === 0 || (familyAndTransport & 0xf) === 0) return faulty('unspec');
  if (family === UNIX) return faulty('unix');
  const ip = [IPV4, IPV6].find((known) => known.family === family);
  const restBytes = view.getUint16(14);
  if (ip === undefined || (familyAndTransport & 0xf) !== STREAM || restBytes < ip.blockBytes)
    return faulty('malformed');
  const totalBytes = FIXED_BYTES + restBytes;
  if (totalBytes > MAX_PROXY_HEADER_BYTES) return faulty('too_long');
  if (bytes.length < totalBytes) return INCOMPLETE;
  const address = bytes.subarray(FIXED_BYTES, FIXED_BYTES + ip.addressBytes);
  return { kind: 'header', address: ip === IPV4 ? ipv4Text(address) : ipv6Text(address), bytes: totalBytes };
};

/**
 * Reads the header at the beginning of a connection. What it extends by (TLVs, section 2.2.7) is skipped unread.
 * @param bytes all that has been read so far; what follows the header is not looked at
 * @returns the same for any longer `bytes`, unless it is incomplete
 */
export const readProxyHeader = (bytes: Uint8Array): ProxyHeader => {
  if (agrees(bytes, SIGNATURE)) return bytes.length > SIGNATURE.length ? readFixed(bytes) : INCOMPLETE;
  if (!agrees(bytes, V1_START)) return faulty('missing');
  return bytes.length >= V1_START.length ? faulty('v1') : INCOMPLETE;
};
