import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collectHeaders, trimBlanks } from '../../src/protocol/header-values.ts';

describe('blanks around a text', () => {
  test.each([
    ['', ''],
    [' ', ''],
    [' \t \t', ''],
    ['a', 'a'],
    [' a', 'a'],
    ['a\t', 'a'],
    ['\t a \t b \t', 'a \t b'],
  ])('go: %j', (text, trimmed) => {
    expect(trimBlanks(text)).toBe(trimmed);
  });

  test.each(['\u00a0', '\u0085', '\u000b', '\u000c', '\r', '\n', '\u2003', '\ufeff'])(
    'are space and tab, not %j',
    (char) => {
      expect(trimBlanks(` ${char}a${char} `)).toBe(`${char}a${char}`);
    },
  );

  test('are removed as by a regular expression, which would take quadratic time', () => {
    const unit = fc.constantFrom(' ', '\t', 'a', ',', '\u00a0', '\n', '\u00ff');
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit }), fc.string({ unit: 'binary' })), (text) => {
        expect(trimBlanks(text)).toBe(text.replace(/^[ \t]+|[ \t]+$/g, ''));
      }),
      { numRuns: 1_000 },
    );
  });
});

test('headers are collected by name in lower case, in order, without blanks around them', () => {
  const headers = collectHeaders(['A', ' 1 ', 'b', 'x \t y', 'a', '\t', 'C', '\u00a02']);
  expect([...headers]).toEqual([
    ['a', ['1', '']],
    ['b', ['x \t y']],
    ['c', ['\u00a02']],
  ]);
});
