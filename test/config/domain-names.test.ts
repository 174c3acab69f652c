/** Which names a certificate can be ordered for, and how they are spelt. */
import { expect, test } from 'vitest';
import { checkDomains, MAX_DOMAINS } from '../../src/config/domain-names.ts';

test.each([
  ['relay.example.com', 'relay.example.com'],
  ['Relay.EXAMPLE.com', 'relay.example.com'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
  ['1and1.com', '1and1.com'],
])('%s is ordered as %s', (given, name) => {
  expect(checkDomains([given])).toStrictEqual([name]);
});

test.each([
  ['', 'localhost', 'com.', 'a..com', '.example.com', 'relay.example.com.'],
  ['*.example.com', 'a*.example.com', '_acme.example.com', '-a.example.com', 'a-.example.com'],
  ['192.0.2.1', '192.0.2', '0x7f.1', '::1', '[::1]', '1.2.3.4.5'],
  ['https://example.com', 'example.com:443', 'example.com/x', 'a@example.com', 'a%2eexample.com'],
  ['a b.com', 'a\nb.com', 'a\0b.com', 'xn--a.example', `${'a'.repeat(64)}.example`],
  [`${'a.'.repeat(126)}example`, 'relay.example.com?', 'relay.example.com#x', 'a\\b.com'],
])('no names: %j %j %j %j', (...texts) => {
  expect(texts.filter((text) => checkDomains([text]) !== undefined)).toStrictEqual([]);
});

test('each name counts once, and there are at most so many', () => {
  expect(checkDomains(['b.example', 'a.example', 'B.example'])).toStrictEqual(['b.example', 'a.example']);
  const names = Array.from({ length: MAX_DOMAINS + 1 }, (_, i) => `n${i}.example`);
  expect(checkDomains(names.slice(1))).toHaveLength(MAX_DOMAINS);
  expect(checkDomains(names)).toBeUndefined();
});

test('what a program passes is checked too', () => {
  for (const value of ['relay.example.com', [7], {}, []]) expect(checkDomains(value)).toBeUndefined();
});
