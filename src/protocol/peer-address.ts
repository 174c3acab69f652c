const IPV4_MAPPED = '::ffff:';

/**
 * A peer's address as people know it: IPv4 as IPv4, though a dual-stack socket reports it inside IPv6 (RFC 4291 section
 * 2.5.5.2), and without a zone, which names an interface of this machine.
 * @param address as Node reports it; undefined if the peer has already reset the connection
 * @returns '' if unknown
 */
export const peerAddress = (address: string | undefined): string => {
  if (address === undefined) return '';
  const zone = address.indexOf('%');
  const bare = zone === -1 ? address : address.slice(0, zone);
  const isMapped = bare.startsWith(IPV4_MAPPED) && bare.includes('.');
  return isMapped ? bare.slice(IPV4_MAPPED.length) : bare;
};

const GROUPS = 8;
/** A subscriber usually has a /64 of its own (RFC 6177), and can use any address in it. */
const NETWORK_GROUPS = 4;

/** The 16-bit groups in part of an IPv6 address. IPv4 notation at its end stands for two (RFC 4291 section 2.2). */
const groupsOf = (part: string): readonly string[] => {
  const groups = part === '' ? [] : part.split(':');
  return groups.at(-1)?.includes('.') ? [...groups.slice(0, -1), '0', '0'] : groups;
};

/**
 * The network of one subscriber: an IPv4 address itself, the /64 of an IPv6 address.
 * @param address as `peerAddress` returns it
 */
export const subscriberOf = (address: string): string => {
  if (!address.includes(':')) return address;
  const gap = address.indexOf('::');
  const before = groupsOf(gap === -1 ? address : address.slice(0, gap));
  const after = groupsOf(gap === -1 ? '' : address.slice(gap + 2));
  const zeros = Array.from({ length: Math.max(0, GROUPS - before.length - after.length) }, () => '0');
  return `${[...before, ...zeros, ...after].slice(0, NETWORK_GROUPS).join(':')}::/64`;
};
