import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visibleJson, visibleText } from '../../src/protocol/visible-text.ts';

/** What people cannot see, by code point: a list of its own, so that it does not repeat the categories of the source. */
const RANGES: readonly (readonly [number, number])[] = [
  [0x00, 0x1f], // C0
  [0x7f, 0x9f], // DEL, C1
  [0xad, 0xad], // soft hyphen
  [0x34f, 0x34f], // combining grapheme joiner
  [0x61c, 0x61c], // Arabic letter mark
  [0x115f, 0x1160], // Hangul fillers
  [0x180e, 0x180e], // Mongolian vowel separator
  [0x200b, 0x200f], // zero width, bidi marks
  [0x2028, 0x202e], // separators, bidi embeddings
  [0x2060, 0x206f], // word joiner, bidi isolates
  [0x3164, 0x3164], // Hangul filler
  [0xd800, 0xdfff], // surrogates
  [0xfe00, 0xfe0f], // variation selectors
  [0xfeff, 0xfeff], // byte order mark
  [0xfff9, 0xfffb], // interlinear annotation
  [0xe0000, 0xe007f], // tags
];
const isUnseen = (char: string): boolean => {
  const code = char.codePointAt(0) ?? 0;
  return RANGES.some(([first, last]) => code >= first && code <= last);
};
const unseenChars = RANGES.flatMap(([first, last]) =>
  Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i)),
);

/** Text that is dense in what matters: unseen characters, backslashes, and what looks like an escape. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(...unseenChars),
      fc.constantFrom('\\', '\\\\', '\\u009b', '\\u{e0001}', 'u', '{', '}', '0', '9', 'é', '日', '🙂'),
      fc.string({ unit: 'binary' }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));

/** Undoes `visibleText`: that this can be written shows that different texts stay different. */
const readBack = (visible: string): string =>
  visible.replaceAll(/\\(?:\\|u([0-9a-f]{4})|u\{([0-9a-f]+)\})/g, (_, short?: string, long?: string) =>
    short === undefined && long === undefined
      ? '\\'
      : String.fromCodePoint(Number.parseInt(short ?? long ?? '', 16)),
  );

test('visible text has no character that people cannot see, and can be read back', () => {
  fc.assert(
    fc.property(text, (given) => {
      const visible = visibleText(given);
      expect(Array.from(visible).filter(isUnseen)).toEqual([]);
      expect(readBack(visible)).toBe(given);
    }),
    { numRuns: 1_000 },
  );
});

test('visible JSON has none either, and says the same', () => {
  fc.assert(
    fc.property(text, text, (key, value) => {
      const given = { [key]: [value, 1, null] };
      const visible = visibleJson(JSON.stringify(given));
      expect(Array.from(visible).filter(isUnseen)).toEqual([]);
      expect(JSON.parse(visible)).toEqual(given);
    }),
    { numRuns: 1_000 },
  );
});

test('each character of the list is escaped', () => {
  const isEscaped = (char: string): boolean =>
    /^a\\u(?:[0-9a-f]{4}|\{[0-9a-f]+\})b$/.test(visibleText(`a${char}b`));
  expect(unseenChars.filter((char) => !isEscaped(char))).toEqual([]);
});

test.each([
  ['desk-1', 'desk-1'],
  ['Zoë’s 電話 🙂', 'Zoë’s 電話 🙂'],
  ['a\u009b31m', 'a\\u009b31m'],
  ['a\\u009b31m', 'a\\\\u009b31m'],
  ['\u202egnp', '\\u202egnp'],
  ['\u{e0001}', '\\u{e0001}'],
])('%j is shown as %j', (given, shown) => {
  expect(visibleText(given)).toBe(shown);
});

test('no other source knows a category of characters', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const knowing = files.filter((file) => readFileSync(`src/${file}`, 'utf8').includes('\\p{'));
  expect(knowing).toEqual(['protocol/visible-text.ts']);
});
