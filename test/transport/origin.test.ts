import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isParseableOrigin } from '../../src/transport/origin.ts';

test.each([
  '',
  'https://x.y:443',
  'https://x.y',
  'http://localhost:3000',
  'null',
  'chrome-extension://abc',
  'capacitor://localhost',
  'app:',
  'file://',
  'http://[::1]:80',
  'http://[::1]',
  'http://[::1]:',
  'http://x.y:',
  'http://user:word@x.y:80',
  'http://x.y/a:b',
  '//x.y',
  '/a:b',
  'x.y',
  'x%20y',
  'http://xn--bcher-kva.example',
])('%j passes', (origin) => {
  expect(isParseableOrigin(origin)).toBe(true);
});

test.each([
  'http://[::1',
  'http://[::1]x',
  'http://[::1]:x',
  '%zz',
  '%',
  '%2',
  'http://%zz',
  'http://a:port',
  'http://a:80x',
  'http://a:-1',
  'http://a b',
  'http://a\\b',
  'http://a|b',
  '//a b',
  '1:b@c/d',
  ':',
  '1a:b',
  '_.y:a',
])('%j fails', (origin) => {
  expect(isParseableOrigin(origin)).toBe(false);
});

test('every origin a browser sends passes', () => {
  const scheme = fc.constantFrom('http', 'https', 'chrome-extension', 'moz-extension', 'capacitor');
  const host = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV6().map((address) => `[${address}]`),
  );
  const port = fc.oneof(
    fc.constant(''),
    fc.nat(65_535).map((number) => `:${number}`),
  );
  fc.assert(
    fc.property(scheme, host, port, (...parts) => {
      expect(isParseableOrigin(`${parts[0]}://${parts[1]}${parts[2]}`)).toBe(true);
    }),
  );
});

test('any text at all is answered, quickly, without an exception', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(':', '/', '[', ']', '%', '@', 'a', '1', ' ', '?', '#') }),
      (text) => {
        expect(typeof isParseableOrigin(text)).toBe('boolean');
      },
    ),
    { numRuns: 1_000 },
  );
  for (const char of [':', '/', '[', '%', '@', 'a', ' ']) isParseableOrigin(`http://${char.repeat(16_000)}`);
});
