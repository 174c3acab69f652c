/** Headers of the PROXY protocol, as proxies send them. */
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

export interface HeaderFields {
  /** Version and command. */
  readonly version?: number;
  /** Address family and transport. */
  readonly family?: number;
  /** Everything behind the length: addresses, ports, TLVs. */
  readonly rest: Uint8Array;
}

export const proxyHeader = ({ version = 0x21, family = 0x11, rest }: HeaderFields): Buffer =>
  Buffer.concat([SIGNATURE, Buffer.of(version, family, rest.length >> 8, rest.length & 0xff), rest]);

/** @param source the four bytes of the client's IPv4 address */
export const ipv4Header = (source: readonly number[], tlvs: Uint8Array = Buffer.alloc(0)): Buffer =>
  proxyHeader({ rest: Buffer.concat([Buffer.of(...source, 127, 0, 0, 1, 0xc0, 1, 1, 0xbb), tlvs]) });
