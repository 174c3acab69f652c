import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BinaryTokens, hashToken, type TokenFileFault } from '../../src/admission/binary-tokens.ts';

const ANY = hashToken('any');
const ONE = hashToken('one');

const tokensIn = (text: string): BinaryTokens => {
  const tokens = BinaryTokens.parse(text);
  if (!(tokens instanceof BinaryTokens)) throw new Error(`line ${tokens.line} ${tokens.problem}`);
  return tokens;
};

const faultIn = (text: string): TokenFileFault | undefined => {
  const tokens = BinaryTokens.parse(text);
  return tokens instanceof BinaryTokens ? undefined : tokens;
};

test('hashes as sha256sum does', () => {
  expect(hashToken('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

describe('a file', () => {
  const tokens = tokensIn(`# tokens\r\n\r\n${ANY.toUpperCase()}\r\n  ${ONE}\t the laptop \r\n   # done`);

  test('lists who may claim what', () => {
    expect(tokens.size).toBe(2);
    expect(tokens.mayClaim(ANY, 'whatever')).toBe(true);
    expect(tokens.mayClaim(ONE, 'the laptop')).toBe(true);
    expect(tokens.mayClaim(ONE, 'the laptop ')).toBe(false);
    expect(tokens.mayClaim(ONE, 'whatever')).toBe(false);
    expect(tokens.mayClaim(hashToken('other'), 'the laptop')).toBe(false);
    expect(tokens.mayClaim(undefined, 'the laptop')).toBe(false);
  });

  test('may list a token twice', () => {
    const twice = tokensIn(`${ONE} a\n${ONE} b\n${ANY} a\n${ANY}`);
    expect(['a', 'b', 'c'].map((id) => twice.mayClaim(ONE, id))).toEqual([true, true, false]);
    expect(twice.mayClaim(ANY, 'c')).toBe(true);
  });

  test('may be empty: then nobody may claim', () => {
    expect(tokensIn('').mayClaim(ANY, 'a')).toBe(false);
  });

  test.each([
    ['the token itself', 'kG2sJ5secret'],
    ['a hash that is cut', ONE.slice(1)],
    ['a longer one', `${ONE}a`],
    ['a comment behind it', `${ONE} # laptop`],
    ['a comment behind a server-id is part of it, unless it is too long', `${ONE} ${'x'.repeat(129)}`],
  ])('with %s is refused, with its line and without its content', (_, line) => {
    const fault = faultIn(`# first\n\n${line}\n`);
    expect(fault?.line).toBe(3);
    for (const word of line.split(' ').filter((part) => part.length > 2))
      expect(fault?.problem).not.toContain(word);
  });
});

test('whatever the file holds, no other token than one of it may claim', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (text, token, serverId) => {
      const tokens = BinaryTokens.parse(`${ONE} s\n# ${text.replaceAll('\n', ' ')}`);
      if (!(tokens instanceof BinaryTokens)) throw new Error('a comment is no fault');
      expect(tokens.mayClaim(hashToken(token), serverId)).toBe(token === 'one' && serverId === 's');
    }),
  );
});
