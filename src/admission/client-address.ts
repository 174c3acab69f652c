/** Whose address a request has: the peer's, or the one for which a proxy speaks in X-Forwarded-For. */
import { type HeaderValues, trimBlanks } from '../protocol/header-values.ts';
import { MAX_FORWARDED_ENTRIES } from './limits.ts';
import { canonicalAddress, type TrustedProxies } from './trusted-proxies.ts';

export interface Peer {
  /** As `peerAddress` returns it. */
  readonly address: string;
  readonly source: 'socket' | 'proxy_protocol';
}

/** The address in every log line, and the key of every limit, and where it came from. */
export interface ClientAddress {
  readonly address: string;
  readonly source: Peer['source'] | 'x_forwarded_for';
}

export interface AddressTrust {
  /** These are believed, hop by hop. */
  readonly proxies: TrustedProxies;
  /** Everybody is believed, and anyone can forge his address: the left-most entry counts, as in the Go relay. */
  readonly isEverybodyTrusted: boolean;
}

const FORWARDED = 'x-forwarded-for';

const isDigits = (text: string): boolean => /^\d{1,5}$/.test(text);

/**
 * The address of an entry, without its port or zone. Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
 * @returns undefined for anything else, such as `unknown`
 */
export const readForwarded = (entry: string): string | undefined => {
  let host = trimBlanks(entry);
  const colon = host.lastIndexOf(':');
  const isBracketed = host.startsWith('[');
  const isOnlyColon = colon !== -1 && host.indexOf(':') === colon;
  const hasPort = isBracketed ? colon > host.indexOf(']') : isOnlyColon;
  if (hasPort) {
    if (!isDigits(host.slice(colon + 1))) return undefined;
    host = host.slice(0, colon);
  }
  if (isBracketed) {
    if (!host.endsWith(']')) return undefined;
    host = host.slice(1, -1);
  }
  const zone = host.indexOf('%');
  return canonicalAddress(zone === -1 ? host : host.slice(0, zone));
};

/** All entries from the right: the last hop first. Of several header lines, the last one was added last. */
function* entriesFromRight(lines: readonly string[]): Generator<string> {
  for (const line of [...lines].reverse()) {
    for (let end = line.length; end >= 0; ) {
      const comma = end === 0 ? -1 : line.lastIndexOf(',', end - 1);
      yield line.slice(comma + 1, end);
      end = comma;
    }
  }
}

const leftmost = (lines: readonly string[]): string | undefined => {
  const [line = ''] = lines;
  const comma = line.indexOf(',');
  return readForwarded(comma === -1 ? line : line.slice(0, comma));
};

/**
 * Each hop adds the address of its peer on the right. So the right-most is true if the peer is trusted, the next one if that hop
 * is, and so on: the first that is not trusted is the client, and whatever it wrote to the left of itself is ignored.
 */
const walk = (peer: Peer, lines: readonly string[], proxies: TrustedProxies): ClientAddress => {
  let known: ClientAddress = peer;
  let walked = 0;
  for (const entry of entriesFromRight(lines)) {
    if (!proxies.has(known.address) || walked >= MAX_FORWARDED_ENTRIES) break;
    walked++;
    const address = readForwarded(entry);
    if (address === undefined) break;
    known = { address, source: 'x_forwarded_for' };
  }
  return known;
};

export const clientAddress = (peer: Peer, headers: HeaderValues, trust: AddressTrust): ClientAddress => {
  const lines = headers.get(FORWARDED);
  if (lines === undefined) return peer;
  if (!trust.isEverybodyTrusted) return walk(peer, lines, trust.proxies);
  const address = leftmost(lines);
  return address === undefined ? peer : { address, source: 'x_forwarded_for' };
};
