/** Long strings, of which the scanner checks 32 bytes at once. The result is the same wherever they are in memory. */
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { INVALID, skipString } from '../../src/protocol/json-scan.ts';
import { skipPlainText } from '../../src/protocol/plain-text.ts';

const isString = (text: string): boolean => {
  try {
    return typeof JSON.parse(text) === 'string';
  } catch {
    return false;
  }
};

/** A view that starts `offset` bytes into its buffer. */
const viewAt = (text: string, offset: number): Uint8Array =>
  Buffer.concat([Buffer.alloc(offset, '"'), Buffer.from(text, 'latin1')]).subarray(offset);

const offset = fc.nat(7);
const length = fc.oneof(
  { weight: 20, arbitrary: fc.nat(300) },
  { weight: 20, arbitrary: fc.nat(5_000) },
  { weight: 1, arbitrary: fc.integer({ min: 40_000, max: 80_000 }) },
);
/** Bytes a string must escape, their neighbours, and bytes of UTF-8 characters. */
const interesting = fc.constantFrom(
  '"',
  '\\',
  '\u0000',
  '\u001f',
  ' ',
  '!',
  '\u007f',
  '\u0080',
  '\u009f',
  '\u00a0',
  '\u00ff',
);

describe('a long string', () => {
  test('is accepted exactly when JSON.parse accepts it, with any byte at any position', () => {
    fc.assert(
      fc.property(
        offset,
        length,
        fc.array(fc.tuple(fc.nat(), interesting), { maxLength: 3 }),
        (at, size, odd) => {
          const chars = Array.from({ length: size }, (_, i) => 'Ab9+'[i % 4] ?? '');
          for (const [position, char] of odd) if (size > 0) chars[position % size] = char;
          const text = `"${chars.join('')}"`;
          const bytes = viewAt(text, at);
          const end = skipString(bytes, 0);
          // A quote inside the text ends the string early; the text up to it must parse.
          if (end === INVALID) expect(isString(text)).toBe(false);
          else expect(isString(text.slice(0, end))).toBe(true);
          if (isString(text)) expect(end).toBe(text.length);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('is looked at up to a byte that is not plain, or to within 15 bytes of its end', () => {
    for (let size = 0; size < 200; size++) {
      const end = skipPlainText(viewAt('x'.repeat(size), 3), 0);
      expect(end).toBe(size - (size % 16));
    }
    for (let place = 0; place < 192; place++) {
      for (const odd of ['"', '\\', '\u0000', '\u001f']) {
        const text = `${'x'.repeat(place)}${odd}${'x'.repeat(191 - place)}`;
        expect(skipPlainText(viewAt(text, 3), 0)).toBe(place);
      }
    }
  });

  // Around the lengths of the parts that are copied: 1, 8 and 32 KiB.
  test.each([40, 100, 900, 1_024, 9_216, 41_984, 74_752])(
    'of %i bytes is classified correctly for each byte value at each of its last positions',
    (size) => {
      const bytes = viewAt(`"${'x'.repeat(size)}"`, 1);
      for (let place = Math.max(1, size - 34); place <= size; place++) {
        for (let value = 0; value < 256; value++) {
          bytes[place] = value;
          const isPlain = value >= 0x20 && value !== 0x5c;
          // Behind a backslash follows an x or the quote: no escape, or one that hides the end.
          const end = value === 0x22 ? place + 1 : isPlain ? size + 2 : INVALID;
          expect(skipString(bytes, 0)).toBe(end);
        }
        bytes[place] = 0x78;
      }
    },
  );

  test('is scanned byte by byte where there is no WebAssembly', async () => {
    vi.stubGlobal('WebAssembly', undefined);
    vi.resetModules();
    onTestFinished(() => {
      vi.unstubAllGlobals();
      vi.resetModules();
    });
    const [scan, plainText] = await Promise.all([
      import('../../src/protocol/json-scan.ts'),
      import('../../src/protocol/plain-text.ts'),
    ]);
    const text = viewAt(`"${'x'.repeat(5_000)}"`, 1);
    expect(plainText.skipPlainText(text, 100)).toBe(100);
    expect(scan.skipString(text, 0)).toBe(5_002);
    text[4_000] = 0x1f;
    expect(scan.skipString(text, 0)).toBe(INVALID);
  });

  test('without a closing quote is invalid', () => {
    expect(skipString(viewAt(`"${'x'.repeat(1_000)}`, 1), 0)).toBe(INVALID);
  });
});
