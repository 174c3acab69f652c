import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientAddress, type Peer, readForwarded } from '../../src/admission/client-address.ts';
import { MAX_FORWARDED_ENTRIES } from '../../src/admission/limits.ts';
import { TrustedProxies } from '../../src/admission/trusted-proxies.ts';

const trusting = (...entries: readonly string[]): TrustedProxies => {
  const proxies = TrustedProxies.of(entries);
  if (proxies === undefined) throw new Error('not a list of networks');
  return proxies;
};

const peer = (address: string): Peer => ({ address, source: 'socket' });

const find = (
  address: string,
  forwarded: readonly string[],
  proxies = trusting('10.0.0.0/8', '2001:db8::/32'),
  isEverybodyTrusted = false,
): string => {
  const headers = new Map(forwarded.length === 0 ? [] : [['x-forwarded-for', forwarded]]);
  const found = clientAddress(peer(address), headers, { proxies, isEverybodyTrusted });
  return `${found.address} ${found.source}`;
};

test.each([
  ['192.0.2.1', '192.0.2.1'],
  [' 192.0.2.1\t', '192.0.2.1'],
  ['192.0.2.1:4711', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
  ['2001:DB8:0:0::1', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:4711', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['[fe80::1%eth0]:1', 'fe80::1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:201', '192.0.2.1'],
  ['', undefined],
  ['unknown', undefined],
  ['_hidden', undefined],
  ['192.0.2', undefined],
  ['0x7f.1', undefined],
  ['010.0.0.1', undefined],
  ['3221225985', undefined],
  ['192.0.2.1:', undefined],
  ['192.0.2.1:x', undefined],
  ['[192.0.2.1', undefined],
  ['[2001:db8::1]x', undefined],
  ['2001:db8::1]:80', undefined],
  ['"192.0.2.1"', undefined],
])('the entry %j is %j', (entry, address) => {
  expect(readForwarded(entry)).toBe(address);
});

describe('with trusted proxies', () => {
  test.each([
    ['no header', '10.0.0.1', [], '10.0.0.1 socket'],
    ['a peer that is not trusted', '192.0.2.9', ['198.51.100.1'], '192.0.2.9 socket'],
    ['one hop', '10.0.0.1', ['198.51.100.1'], '198.51.100.1 x_forwarded_for'],
    ['what the client wrote itself', '10.0.0.1', ['1.1.1.1, 198.51.100.1'], '198.51.100.1 x_forwarded_for'],
    ['two hops', '10.0.0.1', ['1.1.1.1, 198.51.100.1, 10.0.0.2'], '198.51.100.1 x_forwarded_for'],
    [
      'header lines in order',
      '10.0.0.1',
      ['1.1.1.1', '198.51.100.1,10.0.0.2'],
      '198.51.100.1 x_forwarded_for',
    ],
    ['only trusted ones', '10.0.0.1', ['10.0.0.3, 10.0.0.2'], '10.0.0.3 x_forwarded_for'],
    ['an IPv6 hop', '2001:db8::1', ['2001:db9::5'], '2001:db9::5 x_forwarded_for'],
    ['a malformed entry', '10.0.0.1', ['198.51.100.1, unknown'], '10.0.0.1 socket'],
    ['a malformed one behind a hop', '10.0.0.1', ['198.51.100.1, , 10.0.0.2'], '10.0.0.2 x_forwarded_for'],
    ['an empty header', '10.0.0.1', [''], '10.0.0.1 socket'],
    ['a peer without an address', '', ['198.51.100.1'], ' socket'],
  ])('%s', (_, address, forwarded, found) => {
    expect(find(address, forwarded)).toBe(found);
  });

  test('reads no more entries than the limit', () => {
    const hops = Array.from({ length: 2 * MAX_FORWARDED_ENTRIES }, (_, i) => `10.0.1.${i}`);
    const last = hops.at(-MAX_FORWARDED_ENTRIES);
    expect(find('10.0.0.1', [`198.51.100.1, ${hops.join(', ')}`])).toBe(`${last} x_forwarded_for`);
  });
});

describe('with everybody trusted', () => {
  test.each([
    ['no header', [], '10.0.0.1 socket'],
    ['the left-most entry of the first line', [' 1.1.1.1 , 2.2.2.2', '3.3.3.3'], '1.1.1.1 x_forwarded_for'],
    ['a malformed one', ['unknown, 2.2.2.2'], '10.0.0.1 socket'],
  ])('%s', (_, forwarded, found) => {
    expect(find('10.0.0.1', forwarded, trusting(), true)).toBe(found);
  });
});

const trustedHop = fc.integer({ min: 0, max: 255 }).map((i) => `10.0.0.${i}`);
const stranger = fc.oneof(
  fc.ipV4().filter((address) => !address.startsWith('10.')),
  fc.constant('unknown'),
  fc.string(),
);

test('what a client writes never changes what the hops behind it say', () => {
  const cases = fc.record({
    written: fc.array(stranger, { maxLength: 5 }),
    client: fc.ipV4().filter((address) => !address.startsWith('10.')),
    hops: fc.array(trustedHop, { maxLength: 5 }),
    isSplit: fc.boolean(),
  });
  fc.assert(
    fc.property(cases, ({ written, client, hops, isSplit }) => {
      const entries = [...written, client, ...hops];
      const lines = isSplit ? entries : [entries.join(', ')];
      expect(find('10.0.0.1', lines)).toBe(`${client} x_forwarded_for`);
    }),
  );
});

test('never throws, whatever the header holds', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.boolean(), (lines, isEverybodyTrusted) => {
      expect(find('10.0.0.1', lines, trusting('private'), isEverybodyTrusted)).toMatch(
        / (socket|x_forwarded_for)$/,
      );
    }),
  );
});
