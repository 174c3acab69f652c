/** Every regular expression that reads text from outside takes linear time. */
import { readdirSync, readFileSync } from 'node:fs';
import { parseSync } from '@swc/core';
import { describe, expect, test } from 'vitest';

/** Patterns that the rule does not allow, and why each is harmless. All others in `src` keep it. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  '^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\\.?$': "a host among the operator's settings",
  '^(\\d+)(ms|s|m|h)$': "a duration among the operator's settings",
  '^(\\d+)(B|KiB|MiB|GiB)?$': "a size among the operator's settings",
  '^(?:\\[([0-9A-Fa-f:.]+)\\]|([^:[\\]\\s]*)):(\\d{1,5})$': "an address among the operator's settings",
  '^--?([a-z][a-z0-9-]+)(=.*)?$': "the operator's own flags",
  '\\/+$': "the operator's own URL, on the command line",
  '-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----':
    'each match ends at a dash, and the next begins there: no byte is read twice',
  ':\\d*$': 'each scan ends at the next colon, so no digit is read twice',
  '^Max open files\\s+(\\d+)': "the system's own file",
  '"conn_id":"[^"]*"': 'the text is cut to 80 characters',
  '<style[^>]*>([\\s\\S]*?)<\\/style>': 'the diagrams of the package itself',
  'translate\\(([-\\d.]+)[ ,]([-\\d.]+)\\)': 'the diagrams of the package itself',
  '\\[\\w+\\]': 'the charts of the package itself',
  '<!\\[CDATA\\[|\\]\\]>': 'the diagrams of the package itself',
};

interface Pattern {
  readonly pattern: string;
  readonly flags: string;
}

const isPattern = (value: unknown): value is Pattern =>
  typeof value === 'object' &&
  value !== null &&
  'pattern' in value &&
  typeof value.pattern === 'string' &&
  'flags' in value &&
  typeof value.flags === 'string';

/** The regular expressions in a TypeScript source. @throws if one is created at run time: it cannot be checked here */
const patternsIn = (source: string): Pattern[] => {
  const found: Pattern[] = [];
  JSON.stringify(parseSync(source, { syntax: 'typescript', target: 'es2022' }), (key, value: unknown) => {
    if (isPattern(value)) found.push({ pattern: value.pattern, flags: value.flags });
    if (key === 'value' && value === 'RegExp') throw new Error('a pattern created at run time');
    return value;
  });
  return found;
};

/**
 * Whether a match takes linear time, by a rule that is stricter than necessary: one start (`^`), one way to continue (no
 * alternative, and no group that is optional or repeated), and one repetition, so that a failing match backtracks over the text
 * at most once. Or nothing but one class, perhaps repeated: such a match does not fail behind its first character.
 */
const isLinear = ({ pattern, flags }: Pattern): boolean => {
  const plain = pattern.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'x');
  if (/^x\+?$/.test(plain)) return true;
  const hasBranch = /\||\(\?|\)[*+?{]/.test(plain);
  return plain.startsWith('^') && !flags.includes('m') && !hasBranch && plain.split(/[*+{]/).length <= 2;
};

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => `src/${file}`);

describe('the rule', () => {
  test.each([
    /^[ \t]+|[ \t]+$/g,
    /[ \t]+$/,
    /\s+$/,
    /^(a+)+$/,
    /^a*b*a*$/,
    /^a{1,9}a{1,9}$/,
    /^\s+$/m,
    /^(a+)?b$/,
    /^(a|b)$/,
    /^(?=a)a$/,
  ])('refuses %s', ({ source, flags }) => {
    expect(isLinear({ pattern: source, flags })).toBe(false);
  });

  test.each([/^[(|*+{]*$/, /^\d+$/, /^a\+\*\(b{1,5}$/, /^a\.([^.]+)\./, /\s+/g, /[&<>]/])(
    'lets %s pass',
    ({ source, flags }) => {
      expect(isLinear({ pattern: source, flags })).toBe(true);
    },
  );

  test('finds patterns anywhere, and rejects those created at run time', () => {
    expect(patternsIn('const f = (a: string): boolean => /x+/g.test(a) || a.split(/y/).length > 0;')).toEqual(
      [
        { pattern: 'x+', flags: 'g' },
        { pattern: 'y', flags: '' },
      ],
    );
    expect(() => patternsIn("const made = new RegExp('x');")).toThrow('created at run time');
  });

  test('covers every folder, and no exception that is gone', () => {
    const found = sources.flatMap((file) => patternsIn(readFileSync(file, 'utf8')));
    expect(found.map(({ pattern }) => pattern)).toEqual(expect.arrayContaining(Object.keys(EXCEPTIONS)));
  });
});

test.each(sources)('%s keeps it', (file) => {
  const found = patternsIn(readFileSync(file, 'utf8'));
  const excepted = new Set(Object.keys(EXCEPTIONS));
  expect(found.filter((one) => !isLinear(one) && !excepted.has(one.pattern))).toEqual([]);
});
