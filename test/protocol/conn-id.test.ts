import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isConnId, makeConnId } from '../../src/protocol/conn-id.ts';

describe('a conn id', () => {
  test('is c- followed by the first and last 8 digits of a UUID', () => {
    expect(makeConnId('01234567-ffff-4fff-8fff-ffff89abcdef')).toBe('c-0123456789abcdef');
  });

  test('has the specified form for any UUID', () => {
    fc.assert(
      fc.property(fc.uuid({ version: 4 }), (uuid) => {
        expect(isConnId(makeConnId(uuid))).toBe(true);
      }),
    );
  });

  test('has 64 bits of which none is fixed', () => {
    let seenSet = 0n;
    let seenClear = 0n;
    // A random bit that is the same in 1,000 ids will not happen.
    for (let i = 0; i < 1_000; i++) {
      const bits = BigInt(`0x${makeConnId(randomUUID()).slice(2)}`);
      seenSet |= bits;
      seenClear |= BigInt.asUintN(64, ~bits);
    }
    expect(seenSet).toBe(0xffff_ffff_ffff_ffffn);
    expect(seenClear).toBe(0xffff_ffff_ffff_ffffn);
  });

  test.each([
    '',
    'c-',
    'c-0123456789abcde',
    'c-0123456789abcdef0',
    'c-0123456789ABCDEF',
    'C-0123456789abcdef',
    'c-0123456789abcdeg',
    'c-0123456789abcdef\n',
    ' c-0123456789abcdef',
    'xc-0123456789abcdef',
    '0123456789abcdef',
    'c_0123456789abcdef',
  ])('is not %j', (text) => {
    expect(isConnId(text)).toBe(false);
  });
});
