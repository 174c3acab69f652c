/** When a server says to come back. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readRetryAfter } from '../../src/transport/retry-after.ts';

const NOW_MS = Date.parse('2026-11-26T22:00:00Z');

test.each([
  ['0', 0],
  ['30', 30_000],
  ['Thu, 26 Nov 2026 22:01:00 GMT', 60_000],
  ['Thu, 26 Nov 2026 21:00:00 GMT', 0],
  [null, undefined],
  ['', undefined],
  ['-5', undefined],
  ['1e9', undefined],
  ['1.5', undefined],
  ['9999999999', undefined],
  ['5, 5', undefined],
  ['soon', undefined],
  ['Thu, 99 Nov 2026 22:01:00 GMT', undefined],
  ['2026-11-26T22:01:00Z', undefined],
])('%s is %s ms', (value, expected) => {
  expect(readRetryAfter(value, NOW_MS)).toBe(expected);
});

test('nothing makes it negative, endless or no number', () => {
  const digits = fc.stringMatching(/^[0-9]{1,12}$/);
  const dates = fc.date({ noInvalidDate: true }).map((date) => date.toUTCString());
  fc.assert(
    fc.property(fc.oneof(fc.string(), digits, dates, fc.anything()), (value) => {
      const ms = readRetryAfter(value, NOW_MS);
      return ms === undefined || (Number.isFinite(ms) && ms >= 0);
    }),
  );
});
