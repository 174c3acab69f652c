/** Failures become words of our own: what a server writes reaches no log. */
import { expect, test } from 'vitest';
import { asOrderFailure, problemIn } from '../../../src/transport/acme/order-failure.ts';

const NOW_MS = Date.parse('2026-11-26T22:00:00Z');

const problem = (status: number, body: unknown, retryAfter?: string) =>
  problemIn(status, body, retryAfter, NOW_MS);

const failure = (status: number, body: unknown, retryAfter?: string) => {
  const { kind, message, retryAfterMs } = asOrderFailure(new Error('x'), problem(status, body, retryAfter));
  return [kind, message, retryAfterMs];
};

const of = (type: string) => ({ type: `urn:ietf:params:acme:error:${type}`, detail: 'evil\u001b[2J' });

test.each([
  [429, of('rateLimited'), '120', ['rate_limited', 'rateLimited', 120_000]],
  [429, 'busy', 'Thu, 26 Nov 2026 23:00:00 GMT', ['rate_limited', 'HTTP 429', 3_600_000]],
  [403, of('unauthorized'), undefined, ['refused', 'unauthorized', 0]],
  [400, of('badNonce'), 'soon', ['refused', 'badNonce', 0]],
  [400, of('made\nup'), '-5', ['refused', 'unknown problem', 0]],
  [400, { type: 7 }, '1e9', ['refused', 'unknown problem', 0]],
  [500, of('serverInternal'), undefined, ['unavailable', 'serverInternal', 0]],
  [503, '<html>', '30', ['unavailable', 'HTTP 503', 30_000]],
  [200, { status: 'invalid', error: of('dns') }, undefined, ['refused', 'dns', 0]],
])('an answer %i becomes a closed description', (status, body, retryAfter, expected) => {
  expect(failure(status, body, retryAfter)).toStrictEqual(expected);
});

test('an answer without a problem is none', () => {
  for (const body of [{ status: 'valid' }, null, 'text', [], { error: null }])
    expect(problem(200, body)).toBeUndefined();
});

const errorWith = (code: unknown): Error => Object.assign(new Error('secret'), { code });

test('a nonce that was refused before the connection broke is not the reason', () => {
  const { message } = asOrderFailure(errorWith('ECONNRESET'), problem(400, of('badNonce')));
  expect(message).toBe('no answer: ECONNRESET');
});

test('without an answer, the system code is what is told', () => {
  const told = (error: unknown) => {
    const { kind, message } = asOrderFailure(error, undefined);
    return [kind, message];
  };
  expect(told(errorWith('ECONNREFUSED'))).toStrictEqual(['unavailable', 'no answer: ECONNREFUSED']);
  expect(told(errorWith('x\ny'))).toStrictEqual(['refused', 'unexpected answer']);
  expect(told(new Error('secret'))).toStrictEqual(['refused', 'unexpected answer']);
  expect(told('secret')).toStrictEqual(['refused', 'unexpected answer']);
});
