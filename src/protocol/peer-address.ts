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
