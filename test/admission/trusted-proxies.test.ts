import { BlockList, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalAddress, TrustedProxies } from '../../src/admission/trusted-proxies.ts';
import { peerAddress } from '../../src/protocol/peer-address.ts';

const trusts = (entries: readonly string[], address: string): boolean | undefined =>
  TrustedProxies.of(entries)?.has(address);

test.each([
  ['10.0.0.0/8', '10.255.0.1', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['10.1.2.3/8', '10.255.0.1', true],
  ['192.0.2.7', '192.0.2.7', true],
  ['192.0.2.7', '192.0.2.8', false],
  ['2001:db8::/32', '2001:db8:5::1', true],
  ['2001:db8::/32', '2001:db9::1', false],
  ['2001:db8::1', '2001:db8::1', true],
  ['0.0.0.0/0', '192.0.2.1', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['::/0', '192.0.2.1', false],
  ['::ffff:10.0.0.0/104', '10.9.9.9', true],
  ['::ffff:10.0.0.1', '10.0.0.1', true],
  ['loopback', '127.9.9.9', true],
  ['loopback', '::1', true],
  ['loopback', '10.0.0.1', false],
  ['private', '172.31.0.1', true],
  ['private', '172.32.0.1', false],
  ['private', 'fd00::1', true],
  ['private', '127.0.0.1', false],
  ['private', '', false],
])('%s has %s: %s', (entry, address, expected) => {
  expect(trusts([entry], address)).toBe(expected);
});

test.each([
  '',
  'x',
  'Loopback',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '10/8',
  '2001:db8::/129',
  '::ffff:10.0.0.0/95',
  'fe80::1%eth0',
  '010.0.0.0/8',
  'proxy.example',
])('%j is refused', (entry) => {
  expect(TrustedProxies.of(['loopback', entry])).toBeUndefined();
});

test('an empty list trusts nobody', () => {
  expect(trusts([], '127.0.0.1')).toBe(false);
});

describe('properties', () => {
  const ip = fc.oneof(fc.ipV4(), fc.ipV6());

  test('agrees with Node about who is in a network', () => {
    const network = fc.oneof(
      fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })),
      fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })),
    );
    fc.assert(
      fc.property(network, ip, ([base, bits], address) => {
        const mapped = [base, address].some(
          (text) => canonicalAddress(text)?.includes('.') !== text.includes('.'),
        );
        // Mapped and embedded ones are compared as IPv4 here, and as both by Node.
        fc.pre(
          !mapped && !(isIPv6(base) && base.includes('.')) && !(isIPv6(address) && address.includes('.')),
        );
        const list = new BlockList();
        const family = (text: string): 'ipv6' | 'ipv4' => (isIPv6(text) ? 'ipv6' : 'ipv4');
        list.addSubnet(base, bits, family(base));
        const expected = family(base) === family(address) && list.check(address, family(address));
        expect(trusts([`${base}/${bits}`], address)).toBe(expected);
      }),
    );
  });

  test('an address has one spelling, which the rest of the relay leaves as it is', () => {
    fc.assert(
      fc.property(ip, (address) => {
        const canonical = canonicalAddress(address) ?? '';
        expect(canonicalAddress(canonical)).toBe(canonical);
        expect(peerAddress(canonical)).toBe(canonical);
      }),
    );
  });
});
