import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCloseNotice } from '../../src/protocol/close-notice.ts';

const encode = (connId: string, closeCode: number): string =>
  Buffer.from(encodeCloseNotice(connId, closeCode)).toString();

describe('a close notice', () => {
  test('is conn_id then close_code, compact, and nothing else', () => {
    expect(encode('c-0123456789abcdef', 1001)).toBe('{"conn_id":"c-0123456789abcdef","close_code":1001}');
  });

  test('has no frame key at all', () => {
    expect(encode('c-0123456789abcdef', 4401)).not.toContain('frame');
  });

  test('is one JSON object with those two fields, whatever the id', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('c', '"', '\\', 'é', '\u2028', '\0') }),
        fc.nat(0xffff),
        (connId, closeCode) => {
          const notice = JSON.parse(encode(connId, closeCode)) as object; // Parsed to be looked at as a whole.
          expect(Object.entries(notice)).toEqual([
            ['conn_id', connId],
            ['close_code', closeCode],
          ]);
        },
      ),
    );
  });
});
