import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readProxyHeader } from '../../src/protocol/proxy-header.ts';
import { MAX_PROXY_HEADER_BYTES } from '../../src/protocol/request-limits.ts';

const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];

interface Fields {
  readonly version?: number;
  readonly family?: number;
  readonly rest: Uint8Array;
}

const header = ({ version = 0x21, family = 0x11, rest }: Fields): Uint8Array =>
  Uint8Array.from([...SIGNATURE, version, family, rest.length >> 8, rest.length & 0xff, ...rest]);

/** Source, destination and ports. */
const ipv4Block = (source: readonly number[]): number[] => [...source, 127, 0, 0, 1, 0xc0, 1, 1, 0xbb];
const ipv6Block = (source: readonly number[]): number[] => [...source, ...source, 0xc0, 1, 1, 0xbb];
const groups = (...values: readonly number[]): number[] =>
  values.flatMap((value) => [value >> 8, value & 0xff]);

const readIpv6 = (...values: readonly number[]) =>
  readProxyHeader(header({ family: 0x21, rest: Uint8Array.from(ipv6Block(groups(...values))) }));

describe('a PROXY header', () => {
  test('gives the address of an IPv4 client, and its own length', () => {
    const bytes = header({ rest: Uint8Array.from(ipv4Block([203, 0, 113, 7])) });
    expect(readProxyHeader(bytes)).toEqual({ kind: 'header', address: '203.0.113.7', bytes: 28 });
  });

  test('gives the address of an IPv6 client in its short form', () => {
    const cases: (readonly [readonly number[], string])[] = [
      [[0x2001, 0xdb8, 0, 0, 0, 0, 0, 1], '2001:db8::1'],
      [[0x2001, 0xdb8, 0, 1, 1, 1, 1, 1], '2001:db8:0:1:1:1:1:1'],
      [[0x2001, 0, 0, 1, 0, 0, 0, 1], '2001:0:0:1::1'],
      [[0, 0, 0, 0, 0, 0, 0, 0], '::'],
      [[0, 0, 0, 0, 0, 0, 0, 1], '::1'],
      [[0xfe80, 0, 0, 0, 0, 0, 0, 0], 'fe80::'],
      [[0, 0, 0, 0, 0, 0xffff, 0xcb00, 0x7107], '203.0.113.7'],
    ];
    for (const [values, address] of cases) {
      expect(readIpv6(...values)).toEqual({ kind: 'header', address, bytes: 52 });
    }
  });

  test('is read the same as the URL parser writes it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 1, 0xdb8, 0xffff), { minLength: 8, maxLength: 8 }),
        (values) => {
          const read = readIpv6(...values);
          const isMapped = values.slice(0, 5).every((value) => value === 0) && values[5] === 0xffff;
          fc.pre(!isMapped);
          const { hostname } = new URL(`http://[${values.map((value) => value.toString(16)).join(':')}]`);
          expect(read).toMatchObject({ address: hostname.slice(1, -1) });
        },
      ),
    );
  });

  test('may carry TLVs, which are skipped, and is never read beyond its end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 64 }), (tlvs, following) => {
        const bytes = header({ rest: Uint8Array.from([...ipv4Block([10, 1, 2, 3]), ...tlvs]) });
        const expected = { kind: 'header', address: '10.1.2.3', bytes: bytes.length };
        expect(readProxyHeader(bytes)).toEqual(expected);
        expect(readProxyHeader(Uint8Array.from([...bytes, ...following]))).toEqual(expected);
      }),
    );
  });

  test('is refused by kind', () => {
    const block = Uint8Array.from(ipv4Block([10, 1, 2, 3]));
    const cases: (readonly [string, Uint8Array])[] = [
      ['missing', new TextEncoder().encode('GET / HTTP/1.1')],
      ['missing', new TextEncoder().encode('POST')],
      ['missing', Uint8Array.of(0x16, 0x03, 0x01)],
      ['v1', new TextEncoder().encode('PROXY TCP4 10.1.2.3 127.0.0.1 1 2\r\n')],
      ['local', header({ version: 0x20, family: 0, rest: new Uint8Array(0) })],
      ['local', header({ version: 0x20, rest: block })],
      ['unspec', header({ family: 0x00, rest: new Uint8Array(0) })],
      ['unspec', header({ family: 0x10, rest: block })],
      ['unix', header({ family: 0x31, rest: new Uint8Array(216) })],
      ['malformed', header({ version: 0x11, rest: block })],
      ['malformed', header({ version: 0x22, rest: block })],
      ['malformed', header({ family: 0x12, rest: block })],
      ['malformed', header({ family: 0x41, rest: block })],
      ['malformed', header({ rest: block.subarray(1) })],
      ['malformed', header({ family: 0x21, rest: block })],
      ['too_long', header({ rest: new Uint8Array(MAX_PROXY_HEADER_BYTES - 15) })],
    ];
    for (const [fault, bytes] of cases) expect(readProxyHeader(bytes)).toEqual({ kind: 'fault', fault });
  });

  test('may be as long as the limit', () => {
    const bytes = header({ rest: new Uint8Array(MAX_PROXY_HEADER_BYTES - 16) });
    expect(readProxyHeader(bytes)).toMatchObject({ kind: 'header', bytes: MAX_PROXY_HEADER_BYTES });
  });

  test('of any bytes is decided once: what comes later changes nothing', () => {
    const almost = fc
      .record({
        version: fc.constantFrom(0x20, 0x21, 0x22, 0x11),
        family: fc.constantFrom(0x00, 0x11, 0x12, 0x21, 0x31, 0x41),
        rest: fc.uint8Array({ maxLength: 80 }),
      })
      .map(header);
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      almost,
      fc.string().map((text) => new TextEncoder().encode(`PROXY ${text}`)),
      fc.tuple(almost, fc.uint8Array({ maxLength: 40 })).map(([a, b]) => Uint8Array.from([...a, ...b])),
    );
    fc.assert(
      fc.property(bytes, (all) => {
        const whole = readProxyHeader(all);
        for (let length = 0; length < all.length; length++) {
          const read = readProxyHeader(all.subarray(0, length));
          if (read.kind !== 'incomplete') expect(read).toEqual(whole);
          else if (whole.kind === 'header') expect(length).toBeLessThan(whole.bytes);
        }
      }),
      { numRuns: 500 },
    );
  });
});
