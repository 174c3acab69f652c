import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isConnId, makeConnId } from '../../src/protocol/conn-id.ts';

const make = (bytes: readonly number[]): string => makeConnId((target) => target.set(bytes));

describe('a conn id', () => {
  test('is c- and the 64 random bits in lowercase hex', () => {
    expect(make([0, 1, 0x0f, 0x10, 0xab, 0xcd, 0xef, 0xff])).toBe('c-00010f10abcdefff');
  });

  test('asks for exactly 8 random bytes, once', () => {
    const asked: number[] = [];
    makeConnId((target) => asked.push(target.length));
    expect(asked).toEqual([8]);
  });

  test('shows all its random bits, so different bits make different ids', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
        const id = make([...bytes]);
        expect(isConnId(id)).toBe(true);
        expect(Buffer.from(id.slice(2), 'hex')).toEqual(Buffer.from(bytes));
      }),
    );
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
  ])('does not look like %j', (text) => {
    expect(isConnId(text)).toBe(false);
  });
});
