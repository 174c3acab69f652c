/** Which peers may say on whose behalf they dial: networks in CIDR notation (RFC 4632), and words for groups of them. */
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
interface Network {
  readonly base: Address;
  readonly prefixBits: number;
}

/** Of the groups that nobody on the internet can have: this machine, and private networks (RFC 1918, RFC 4193). */
const WORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['loopback', ['127.0.0.0/8', '::1/128']],
  ['private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']],
]);

const IPV4_BITS = 32;
const IPV6_BITS = 128;
/** Where an IPv4 address begins inside an IPv6 one (RFC 4291 section 2.5.5.2). */
const MAPPED_BITS = IPV6_BITS - IPV4_BITS;

/** Undefined unless it is an address in its usual notation: `10`, `0x7f.1` and `010.0.0.1` mean something else to each reader. */
const readAddress = (text: string): Address | undefined => {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
};

/** The address as `peerAddress` returns it: one spelling for each. Undefined for anything else. */
export const canonicalAddress = (text: string): string | undefined => readAddress(text)?.toString();

const bitsOf = (address: Address): number => (address.kind() === 'ipv4' ? IPV4_BITS : IPV6_BITS);

const readNetwork = (text: string): Network | undefined => {
  const [host = '', prefix, ...more] = text.split('/');
  const base = readAddress(host);
  if (base === undefined || more.length > 0) return undefined;
  const maxBits = bitsOf(base);
  if (prefix === undefined) return { base, prefixBits: maxBits };
  if (!/^\d{1,3}$/.test(prefix)) return undefined;
  // `::ffff:10.0.0.0/104` is 10.0.0.0/8.
  const prefixBits = Number(prefix) - (maxBits === IPV4_BITS && host.includes(':') ? MAPPED_BITS : 0);
  return prefixBits >= 0 && prefixBits <= maxBits ? { base, prefixBits } : undefined;
};

const isIn = (address: Address, { base, prefixBits }: Network): boolean => {
  if (address.kind() !== base.kind()) return false;
  return address.match(base, prefixBits);
};

export class TrustedProxies {
  readonly #networks: readonly Network[];

  private constructor(networks: readonly Network[]) {
    this.#networks = networks;
  }

  /** @returns undefined if an entry is neither a network, nor an address, nor one of the words */
  static of(entries: readonly string[]): TrustedProxies | undefined {
    const networks: Network[] = [];
    for (const text of entries.flatMap((entry) => WORDS.get(entry) ?? [entry])) {
      const network = readNetwork(text);
      if (network === undefined) return undefined;
      networks.push(network);
    }
    return new TrustedProxies(networks);
  }

  get isEmpty(): boolean {
    return this.#networks.length === 0;
  }

  /** Whether one network is all of IPv4 or of IPv6, such as `0.0.0.0/0`. */
  get includesAnyone(): boolean {
    return this.#networks.some(({ prefixBits }) => prefixBits === 0);
  }

  /** @param address as `peerAddress` returns it; '' for unknown, which nobody trusts */
  has(address: string): boolean {
    if (this.isEmpty) return false;
    const parsed = readAddress(address);
    return parsed !== undefined && this.#networks.some((network) => isIn(parsed, network));
  }
}
