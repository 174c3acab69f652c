import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCloseNotice } from '../../src/protocol/close-notice.ts';

const encode = (connId: string, closeCode: number): string =>
  Buffer.from(encodeCloseNotice(connId, closeCode)).toString();

describe('a close notice', () => {
  test('is compact JSON: conn_id, then close_code, nothing else', () => {
    expect(encode('c-0123456789abcdef', 1001)).toBe('{"conn_id":"c-0123456789abcdef","close_code":1001}');
  });

  test('has no frame key', () => {
    expect(encode('c-0123456789abcdef', 4401)).not.toContain('frame');
  });

  test('is one JSON object with those two fields for any id', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('c', '"', '\\', 'é', '\u2028', '\0') }),
        fc.nat(0xffff),
        (connId, closeCode) => {
          const notice = JSON.parse(encode(connId, closeCode)) as object; // The encoder writes one object.
          expect(Object.entries(notice)).toEqual([
            ['conn_id', connId],
            ['close_code', closeCode],
          ]);
        },
      ),
    );
  });
});
