/** Long strings, which the scanner checks by word instead of by byte. The result is the same at any memory alignment. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INVALID, skipString } from '../../src/protocol/json-scan.ts';
import { plainTextEnd } from '../../src/protocol/plain-text.ts';

const isString = (text: string): boolean => {
  try {
    return typeof JSON.parse(text) === 'string';
  } catch {
    return false;
  }
};

/** A view that starts `offset` bytes into its buffer, which changes the alignment of its words. */
const viewAt = (text: string, offset: number): Uint8Array =>
  Buffer.concat([Buffer.alloc(offset, '"'), Buffer.from(text, 'latin1')]).subarray(offset);

const offset = fc.nat(7);
const length = fc.oneof(fc.nat(300), fc.nat(5_000));
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

  test.each([0, 1, 2, 3])(
    'one control character is found at each of 100 positions, with the view starting at byte %i of a word',
    (at) => {
      for (let place = 0; place < 100; place++) {
        const text = `${'x'.repeat(place)}\u001f${'x'.repeat(99 - place)}"`;
        expect(plainTextEnd(viewAt(text, at), 0)).toBe(-1);
        expect(plainTextEnd(viewAt(text.replace('\u001f', '\u0020'), at), 0)).toBe(100);
      }
    },
  );

  test.each([40, 100, 900, 5_000])(
    'of %i bytes is classified correctly for each byte value at each position in a word',
    (size) => {
      for (let value = 0; value < 256; value++) {
        const isPlain = value >= 0x20 && value !== 0x5c;
        for (let place = size - 9; place < size; place++) {
          const bytes = viewAt(`${'x'.repeat(size)}"`, place % 4);
          bytes[place] = value;
          expect(plainTextEnd(bytes, 0)).toBe(value === 0x22 ? place : isPlain ? size : -1);
        }
      }
    },
  );

  test('without a closing quote is invalid', () => {
    expect(skipString(viewAt(`"${'x'.repeat(1_000)}`, 1), 0)).toBe(INVALID);
  });
});
