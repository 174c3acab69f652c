/** `--log-format logfmt` is what Go's log/slog writes, and can be read back. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logfmtLine, logfmtValue, prettyLine } from '../../src/observe/log-format.ts';

const AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 67);

const UNNAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({ a: '\u{7}', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }),
);

/** Reads one line as strconv.Unquote and a splitter at blanks would. */
const parse = (line: string): [string, string][] => {
  const found: [string, string][] = [];
  for (const [, key = '', value = ''] of line.matchAll(/([^\s="]+)=("(?:[^"\\]|\\.)*"|\S*)(?: |\n$)/gu)) {
    const text = value.startsWith('"')
      ? value
          .slice(1, -1)
          .replaceAll(
            /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/g,
            (_, x?: string, u?: string, long?: string, char = '') => {
              const hex = x ?? u ?? long;
              return hex === undefined
                ? (UNNAMED.get(char) ?? char)
                : String.fromCodePoint(Number.parseInt(hex, 16));
            },
          )
      : value;
    found.push([key, text]);
  }
  return found;
};

/** Printed by log/slog of Go 1.24: `slog.NewTextHandler(os.Stdout, nil)`. */
const GO: readonly (readonly [string, string])[] = [
  ['plain', 'plain'],
  ['', '""'],
  ['a b', '"a b"'],
  ['a=b', '"a=b"'],
  ['"', '"\\""'],
  ['a\\b', 'a\\b'],
  ['a\\b c', '"a\\\\b c"'],
  ['tab\there', '"tab\\there"'],
  ['\u{1}\u{7f} ', '"\\x01\\x7f "'],
  ['é漢字🦊', 'é漢字🦊'],
  ['a\u{a0}b', '"a\\u00a0b"'],
  ['\u{200b}', '"\\u200b"'],
  ['\u{e0041}', '"\\U000e0041"'],
  ['\u{fffd}', '"\u{fffd}"'],
  ["<&>'`", "<&>'`"],
];

describe('logfmt', () => {
  test.each(GO)('%j is written as by Go', (value, written) => {
    expect(logfmtValue(value)).toBe(written);
  });

  test('time, level, msg, then the keys in their order', () => {
    expect(logfmtLine(AT_MS, 'warn', 'drain incomplete', { err: 'x', close_code: 4404 })).toBe(
      'time=2026-01-02T03:04:05.067Z level=WARN msg="drain incomplete" err=x close_code=4404\n',
    );
  });

  test('any text is read back, and stays on its line', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, (first, second) => {
        const line = logfmtLine(AT_MS, 'info', 'some event', { server_id: first, err: second });
        expect(line.trimEnd()).not.toMatch(/[\r\n\u2028\u2029]/u);
        expect(parse(line)).toEqual([
          ['time', '2026-01-02T03:04:05.067Z'],
          ['level', 'INFO'],
          ['msg', 'some event'],
          ['server_id', first],
          ['err', second],
        ]);
      }),
    );
  });
});

test('pretty begins with the time of day, and has colours only if told so', () => {
  const line = (isColoured: boolean) =>
    prettyLine(AT_MS, 'warn', 'rate_limited', { path: '/v1/x y' }, isColoured);
  expect(line(false)).toBe('03:04:05.067 WARN  rate_limited path="/v1/x y"\n');
  expect(line(true)).toBe('03:04:05.067 \u{1b}[33mWARN \u{1b}[0m rate_limited path="/v1/x y"\n');
});
