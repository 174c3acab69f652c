/** When a peer that is refused is asked to come back. */
import { expect, test } from 'vitest';
import { full } from '../../src/admission/gate.ts';
import { RETRY_AFTER_S } from '../../src/admission/limits.ts';
import { refusalAnswer } from '../../src/transport/admission-answers.ts';

test('where there is no room, at random between once and twice the time, so that not all come back together', () => {
  const refused = full('max_connections');
  expect(refusalAnswer(refused, () => 0).headers).toMatchObject({ 'Retry-After': String(RETRY_AFTER_S) });
  expect(refusalAnswer(refused, () => 0.999_999).headers).toMatchObject({
    'Retry-After': String(2 * RETRY_AFTER_S),
  });
});

test('for the rate, when there is a token', () => {
  const refused = { kind: 'refused', limit: 'rate', status: 429, retryAfterS: 6 } as const;
  expect(refusalAnswer(refused, () => 0.9).headers).toMatchObject({ 'Retry-After': '6' });
});
