/** Every regular expression that reads peer input takes linear time. */
import { readdirSync, readFileSync } from 'node:fs';
import { parseSync } from '@swc/core';
import { describe, expect, test } from 'vitest';

/** The sources that read peer input. */
const FOLDERS = ['src/protocol', 'src/transport'];

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
 * group, no alternative), and one repetition, so that a failing match backtracks over the text at most once.
 */
const isLinear = ({ pattern, flags }: Pattern): boolean => {
  const plain = pattern.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'x');
  return (
    plain.startsWith('^') && !flags.includes('m') && !/[(|]/.test(plain) && plain.split(/[*+{]/).length <= 2
  );
};

const sources = FOLDERS.flatMap((folder) => readdirSync(folder).map((file) => `${folder}/${file}`));

describe('the rule', () => {
  test.each([/^[ \t]+|[ \t]+$/g, /[ \t]+$/, /\s+$/, /^(a+)+$/, /^a*b*a*$/, /^a{1,9}a{1,9}$/, /^\s+$/m])(
    'refuses %s',
    ({ source, flags }) => {
      expect(isLinear({ pattern: source, flags })).toBe(false);
    },
  );

  test.each([/^[(|*+{]*$/, /^\d+$/, /^a\+\*\(b{1,5}$/])('lets %s pass', ({ source, flags }) => {
    expect(isLinear({ pattern: source, flags })).toBe(true);
  });

  test('finds patterns anywhere, and rejects those created at run time', () => {
    expect(patternsIn('const f = (a: string): boolean => /x+/g.test(a) || a.split(/y/).length > 0;')).toEqual(
      [
        { pattern: 'x+', flags: 'g' },
        { pattern: 'y', flags: '' },
      ],
    );
    expect(() => patternsIn("const made = new RegExp('x');")).toThrow('created at run time');
  });

  test('covers files that contain patterns', () => {
    expect(sources.flatMap((file) => patternsIn(readFileSync(file, 'utf8')))).not.toEqual([]);
  });
});

test.each(sources)('%s keeps it', (file) => {
  expect(patternsIn(readFileSync(file, 'utf8')).filter((pattern) => !isLinear(pattern))).toEqual([]);
});
