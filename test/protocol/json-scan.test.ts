/**
 * Compares the scanner with JSON.parse. The oracle reads each byte as one character. Both accept bytes from 0x80 up
 * inside a string and reject them outside one, so any byte sequence can be compared.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INVALID, skipString, skipValue, skipWhitespace } from '../../src/protocol/json-scan.ts';

const MAX_DEPTH = 10_000;

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const isJson = (bytes: Uint8Array): boolean => parses(Buffer.from(bytes).toString('latin1'));

/** Whether the scanner accepts these bytes as one value surrounded only by whitespace. */
const scansAsOne = (bytes: Uint8Array): boolean => {
  const end = skipValue(bytes, skipWhitespace(bytes, 0));
  return end !== INVALID && skipWhitespace(bytes, end) === bytes.length;
};

const utf8 = (text: string): Uint8Array => Buffer.from(text);

/** The nesting depth of well-formed JSON text; brackets in strings do not count. */
const depthOf = (text: string): number => {
  let depth = 0;
  let deepest = 0;
  for (const char of text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '')) {
    if (char === '[' || char === '{') deepest = Math.max(deepest, ++depth);
    if (char === ']' || char === '}') depth--;
  }
  return deepest;
};

const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 3 });
const digits = fc.stringMatching(/^[0-9]{1,4}$/);
const number = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(fc.constant('0'), fc.stringMatching(/^[1-9][0-9]{0,30}$/)),
    fc.option(digits, { nil: '' }).map((fraction) => (fraction === '' ? '' : `.${fraction}`)),
    fc.oneof(
      fc.constant(''),
      fc.tuple(fc.constantFrom('e', 'E', 'e+', 'E-'), digits).map((parts) => parts.join('')),
    ),
  )
  .map((parts) => parts.join(''));
const escape = fc.oneof(
  fc.constantFrom('\\"', '\\\\', '\\/', '\\b', '\\f', '\\n', '\\r', '\\t'),
  fc.stringMatching(/^\\u[0-9a-fA-F]{4}$/),
  fc.constantFrom('\\ud800', '\\udfff', '\\uD83D\\uDE00', '\\u0000'),
);
const plain = fc.string({ unit: 'binary', maxLength: 4 }).map((text) => JSON.stringify(text).slice(1, -1));
const string = fc.array(fc.oneof(escape, plain), { maxLength: 5 }).map((parts) => `"${parts.join('')}"`);
const scalar = fc.oneof(number, string, fc.constantFrom('true', 'false', 'null'));

const { value } = fc.letrec<{ value: string }>((tie) => {
  const spaced = fc.tuple(space, tie('value'), space).map((parts) => parts.join(''));
  const member = fc.tuple(space, string, space, spaced).map(([a, key, b, v]) => `${a}${key}${b}:${v}`);
  const container = (open: string, item: fc.Arbitrary<string>, close: string) =>
    fc
      .tuple(space, fc.array(item, { maxLength: 4 }))
      .map(([inside, items]) => `${open}${items.length === 0 ? inside : items.join(',')}${close}`);
  return {
    value: fc.oneof({ maxDepth: 5 }, scalar, container('[', spaced, ']'), container('{', member, '}')),
  };
});

const interestingByte = fc.oneof(
  fc.constantFrom(...Buffer.from('[]{},:"\\u0019eE+-.tfn \n\t\u0000\u001f\u007f')),
  fc.integer({ min: 0, max: 255 }),
);

describe('one JSON value', () => {
  test('any value, with any whitespace in and around it, ends at the end of its text', () => {
    fc.assert(
      fc.property(space, value, space, (before, text, after) => {
        expect(parses(text)).toBe(true);
        const bytes = utf8(`${before}${text}${after}`);
        const start = skipWhitespace(bytes, 0);
        expect(start).toBe(before.length);
        expect(skipValue(bytes, start)).toBe(bytes.length - after.length);
      }),
      { numRuns: 500 },
    );
  });

  test('a truncated value is accepted exactly when JSON.parse accepts it', () => {
    fc.assert(
      fc.property(value, (text) => {
        const bytes = utf8(text).subarray(0, 200);
        for (let length = 0; length <= bytes.length; length++) {
          const cut = bytes.subarray(0, length);
          expect(scansAsOne(cut)).toBe(isJson(cut));
        }
      }),
      { numRuns: 150 },
    );
  });

  test('a value with bytes replaced, inserted or removed is accepted exactly when JSON.parse accepts it', () => {
    const edit = fc.tuple(fc.nat(10_000), fc.nat(1), fc.array(interestingByte, { maxLength: 2 }));
    fc.assert(
      fc.property(value, fc.array(edit, { minLength: 1, maxLength: 3 }), (text, edits) => {
        const bytes = [...utf8(text)];
        for (const [at, removed, inserted] of edits)
          bytes.splice(at % (bytes.length + 1), removed, ...inserted);
        const mutated = Uint8Array.from(bytes);
        expect(scansAsOne(mutated)).toBe(isJson(mutated));
      }),
      { numRuns: 2_000 },
    );
  });

  test('short runs of grammar bytes are accepted exactly when JSON.parse accepts them', () => {
    const numberByte = fc.constantFrom(...Buffer.from('0019-+.eE'));
    const run = fc.oneof(fc.array(interestingByte, { maxLength: 8 }), fc.array(numberByte, { maxLength: 8 }));
    fc.assert(
      fc.property(run, (bytes) => {
        const text = Uint8Array.from(bytes);
        expect(scansAsOne(text)).toBe(isJson(text));
      }),
      { numRuns: 10_000 },
    );
  });

  test('of two consecutive values only the first is scanned, and the pair is not one value', () => {
    const delimiter = fc.constantFrom(' ', ',', ':', ']', '}', '\n', '"');
    fc.assert(
      fc.property(value, delimiter, value, (first, between, second) => {
        const bytes = utf8(`${first}${between}${second}`);
        expect(skipValue(bytes, 0)).toBe(utf8(first).length);
        expect(scansAsOne(bytes)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('a string may hold any character except control characters and the quote', () => {
    for (let code = 0; code < 0x100; code++) {
      const text = utf8(`"a${String.fromCharCode(code)}b"`);
      // A backslash is accepted too, because `\b` is an escape.
      expect(scansAsOne(text), `U+${code.toString(16)}`).toBe(code >= 0x20 && code !== 0x22);
    }
  });

  const refused = [
    ...String.raw`"\x" "\u12" "\u123g" "\U0041" "\ "\u "\u004 "a " "\'" "\0" 'a'`.split(' '),
    ...'01 1. .5 +1 - 1e --1 -01 1e+ 1.e1 0x1 1_0 1.2.3 1e1.5 -a'.split(' '),
    ...'nul nulL True truefalse NaN Infinity -Infinity undefined f t n'.split(' '),
    ...'[ [1 [1, [1,] [,1] [1} ] { {"a" {"a": {"a":1 {"a":1, {"a":1,} {1:2} {a:1} {"a",1}'.split(' '),
    ...'{"a":1] {,} } {"a":} {:1} , : /**/1 1//'.split(' '),
  ].concat('[1 2]', '{"a" 1}', '', ' ', '\uFEFF1', '\u00a01', '1\u2028', '\f1', '\v1', '1\0');
  test.each(refused)('%j is refused', (text) => {
    expect(parses(text)).toBe(false);
    expect(scansAsOne(utf8(text))).toBe(false);
  });

  const accepted = String.raw`"\ud800" "\udc00\ud800" "\u0000" -0 -0.0e-0 1E400 null`.split(' ');
  test.each([...accepted, '"\u2028\u2029\u007f"', '9'.repeat(500)])('%j is accepted', (text) => {
    expect(parses(text)).toBe(true);
    expect(scansAsOne(utf8(text))).toBe(true);
  });
});

describe('nesting', () => {
  const opening = fc.constantFrom('[', '{"k":', '[0,', '{"]":1,"}":', '[{},', ' [ ');
  const closingOf = (open: string): string => (open.startsWith('{') ? '}' : ']');
  const nest = (openings: readonly string[]): string =>
    `${openings.join('')}1${openings.map(closingOf).reverse().join('')}`;

  test('10,000 levels pass and 10,001 do not, in any mix of containers', () => {
    fc.assert(
      fc.property(
        fc.array(opening, { minLength: 1, maxLength: 7 }),
        fc.integer({ min: -2, max: 2 }),
        (mix, extra) => {
          const openings = Array.from({ length: MAX_DEPTH + extra }, (_, i) => mix[i % mix.length] ?? '[');
          const text = nest(openings);
          expect(parses(text)).toBe(true);
          expect(scansAsOne(utf8(text))).toBe(depthOf(text) <= MAX_DEPTH);
        },
      ),
      { numRuns: 20 },
    );
  });

  test.each([
    ['arrays', '[', ']'],
    ['objects', '{"a":', '}'],
  ])('exactly 10,000 %s pass and one more does not, even if the innermost is empty', (_, open, close) => {
    const levels = (count: number, inner: string): Uint8Array =>
      utf8(`${open.repeat(count)}${inner}${close.repeat(count)}`);
    expect(scansAsOne(levels(MAX_DEPTH, '1'))).toBe(true);
    expect(scansAsOne(levels(MAX_DEPTH + 1, '1'))).toBe(false);
    expect(scansAsOne(levels(MAX_DEPTH - 1, '[]'))).toBe(true);
    expect(scansAsOne(levels(MAX_DEPTH, '{}'))).toBe(false);
  });

  test('levels that enclose the value count too', () => {
    const deep = utf8(`${'['.repeat(MAX_DEPTH - 1)}${']'.repeat(MAX_DEPTH - 1)}`);
    expect(skipValue(deep, 0, 1)).toBe(deep.length);
    expect(skipValue(deep, 0, 2)).toBe(INVALID);
  });

  test('sibling containers do not add depth', () => {
    expect(scansAsOne(utf8(`[${'[],{},'.repeat(MAX_DEPTH)}[]]`))).toBe(true);
  });

  test('a million levels are refused without an exception and do not affect the next scan', () => {
    const million = 1_000_000;
    expect(skipValue(Buffer.alloc(million, '['), 0)).toBe(INVALID);
    expect(skipValue(utf8('{"a":'.repeat(million)), 0)).toBe(INVALID);
    expect(skipValue(utf8(`${'['.repeat(million)}${']'.repeat(million)}`), 0)).toBe(INVALID);
    expect(scansAsOne(utf8('[{"a":[1]},[2]]'))).toBe(true);
  });
});

describe('the parts of a value', () => {
  test('a string ends at the first quote that is not escaped', () => {
    const character = fc.oneof(escape, fc.constantFrom('"', '\\', 'a', '\u0001', 'é'));
    fc.assert(
      fc.property(fc.array(character, { maxLength: 8 }), (parts) => {
        const bytes = utf8(`"${parts.join('')}`);
        const ends = Array.from({ length: bytes.length }, (_, i) => i + 1);
        const expected = ends.find((end) => isJson(bytes.subarray(0, end))) ?? INVALID;
        expect(skipString(bytes, 0)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  test('whitespace is space, tab, line feed and carriage return, from any position on', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r', '\f', 'x', '\0') }),
        fc.nat(5),
        (text, at) => {
          const rest = text.slice(at);
          const expected = Math.min(at, text.length) + (/^[ \t\n\r]*/.exec(rest)?.[0].length ?? 0);
          expect(skipWhitespace(utf8(text), Math.min(at, text.length))).toBe(expected);
        },
      ),
    );
  });
});
