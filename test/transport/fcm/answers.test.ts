/** What each answer of FCM comes to. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Script } from '../../../scripts/demo/fake-fcm.js';
import { readSendAnswer } from '../../../src/transport/fcm/send-answer.ts';
import { readTokenAnswer } from '../../../src/transport/fcm/token-answer.ts';
import { authorizeAnswered, fcmError, openFcm, patient, sendAnswered, WAKE } from '../../support/fake-fcm.ts';

describe('each answer to a send has its class', () => {
  test.each<[string, Script, unknown]>([
    [
      'unregistered',
      fcmError(404, 'NOT_FOUND', 'UNREGISTERED'),
      { kind: 'unregistered', reason: 'status 404 (NOT_FOUND, UNREGISTERED)' },
    ],
    [
      '404 alone',
      fcmError(404, 'NOT_FOUND'),
      { kind: 'failed', reason: 'status 404 (NOT_FOUND)', isCredentialGood: true },
    ],
    [
      'invalid token',
      fcmError(400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'),
      { kind: 'failed', reason: 'status 400 (INVALID_ARGUMENT, INVALID_ARGUMENT)', isCredentialGood: true },
    ],
    [
      'another sender',
      fcmError(403, 'PERMISSION_DENIED', 'SENDER_ID_MISMATCH'),
      {
        kind: 'failed',
        reason: 'status 403 (PERMISSION_DENIED, SENDER_ID_MISMATCH)',
        isCredentialGood: true,
      },
    ],
    [
      'bearer token',
      fcmError(401, 'UNAUTHENTICATED'),
      { kind: 'unauthorized', reason: 'status 401 (UNAUTHENTICATED)' },
    ],
    ['401 alone', { status: 401, body: '' }, { kind: 'unauthorized', reason: 'status 401' }],
    [
      'other account',
      fcmError(401, 'UNAUTHENTICATED', 'THIRD_PARTY_AUTH_ERROR'),
      { kind: 'failed', reason: 'status 401 (UNAUTHENTICATED, THIRD_PARTY_AUTH_ERROR)' },
    ],
    [
      'quota',
      fcmError(429, 'RESOURCE_EXHAUSTED', 'QUOTA_EXCEEDED'),
      {
        kind: 'busy',
        reason: 'status 429 (RESOURCE_EXHAUSTED, QUOTA_EXCEEDED)',
        quota: true,
        retryAfterMs: 60_000,
      },
    ],
    [
      '429 alone',
      { status: 429, body: 'slow down' },
      { kind: 'busy', reason: 'status 429', quota: true, retryAfterMs: 60_000 },
    ],
    [
      'unavailable',
      fcmError(503, 'UNAVAILABLE', 'UNAVAILABLE'),
      { kind: 'busy', reason: 'status 503 (UNAVAILABLE, UNAVAILABLE)', quota: false },
    ],
    [
      'internal',
      fcmError(500, 'INTERNAL', 'INTERNAL'),
      { kind: 'busy', reason: 'status 500 (INTERNAL, INTERNAL)', quota: false },
    ],
    [
      'a proxy',
      { status: 502, body: '<html>secret</html>' },
      { kind: 'busy', reason: 'status 502', quota: false },
    ],
    [
      'quota as 503',
      fcmError(503, 'RESOURCE_EXHAUSTED'),
      { kind: 'busy', reason: 'status 503 (RESOURCE_EXHAUSTED)', quota: true },
    ],
    ['no content', { status: 204 }, { kind: 'sent' }],
    ['no JSON', { body: 'OK' }, { kind: 'sent' }],
    ['an array', { body: [] }, { kind: 'sent' }],
    [
      'a code in another detail',
      { status: 404, body: { error: { details: [{ '@type': 'x', errorCode: 'UNREGISTERED' }] } } },
      { kind: 'failed', reason: 'status 404', isCredentialGood: true },
    ],
    [
      'error as text',
      { status: 400, body: { error: 'secret' } },
      { kind: 'failed', reason: 'status 400', isCredentialGood: true },
    ],
  ])('%s', async (_, script, expected) => {
    expect(await sendAnswered(script)).toStrictEqual(expected);
  });
});

describe('Retry-After is passed on', () => {
  const NOW_MS = Date.parse('2026-11-26T22:00:00Z');
  const headers = (value: string) => ({ 'retry-after': value });

  test.each<[string, number | undefined]>([
    ['7', 7_000],
    ['Thu, 26 Nov 2026 22:00:09 GMT', 9_000],
    ['Thu, 26 Nov 2026 21:00:00 GMT', 0],
    ['soon', undefined],
    ['-1', undefined],
  ])('%s', async (value, expected) => {
    await using fcm = await openFcm({ nowMs: () => NOW_MS });
    fcm.fake.tokenScripts.push(
      { status: 503, body: '', headers: headers(value) },
      { body: { access_token: 'given', expires_in: 10 } },
    );
    const wait = expected === undefined ? {} : { retryAfterMs: expected };
    expect(await fcm.provider.authorize(patient)).toStrictEqual({
      kind: 'failed',
      reason: 'status 503',
      ...wait,
    });
    expect(await fcm.provider.authorize(patient)).toStrictEqual({ kind: 'ready', expiresInMs: 10_000 });
    fcm.fake.sendScripts.push({ ...fcmError(429, 'RESOURCE_EXHAUSTED'), headers: headers(value) });
    expect(await fcm.provider.send(WAKE, patient)).toStrictEqual({
      kind: 'busy',
      reason: 'status 429 (RESOURCE_EXHAUSTED)',
      quota: true,
      retryAfterMs: expected ?? 60_000,
    });
  });
});

describe('each answer of the token endpoint has its class', () => {
  const issue = (members: Readonly<Record<string, unknown>>): Script => ({
    body: { access_token: 'a', ...members },
  });

  test.each<[string, Script, unknown]>([
    ['a lifetime', issue({ expires_in: 60, token_type: 'bearer' }), { kind: 'ready', expiresInMs: 60_000 }],
    ['none: an hour', issue({}), { kind: 'ready', expiresInMs: 3_600_000 }],
    ['no number: an hour', issue({ expires_in: '60' }), { kind: 'ready', expiresInMs: 3_600_000 }],
    ['a century: a day', issue({ expires_in: 3e9 }), { kind: 'ready', expiresInMs: 86_400_000 }],
    [
      'over',
      issue({ expires_in: 0 }),
      { kind: 'failed', reason: 'status 200, with a token that has expired' },
    ],
    [
      'negative',
      issue({ expires_in: -1 }),
      { kind: 'failed', reason: 'status 200, with a token that has expired' },
    ],
    [
      'another type',
      issue({ token_type: 'mac' }),
      { kind: 'failed', reason: 'status 200, with a token that is not a bearer token' },
    ],
    ['none', { body: {} }, { kind: 'failed', reason: 'status 200, without a token' }],
    ['empty', { body: { access_token: '' } }, { kind: 'failed', reason: 'status 200, without a token' }],
    [
      'two lines',
      { body: { access_token: 'secret\r\nHost: x' } },
      { kind: 'failed', reason: 'status 200, without a token' },
    ],
    ['no JSON', { body: 'secret' }, { kind: 'failed', reason: 'status 200, without a token' }],
    [
      'refused',
      { status: 401, body: { error: 'invalid_client' } },
      { kind: 'failed', reason: 'status 401 (invalid_client)' },
    ],
    [
      'a code of its own',
      { status: 400, body: { error: 'secret' } },
      { kind: 'failed', reason: 'status 400' },
    ],
    ['unavailable', { status: 503, body: '' }, { kind: 'failed', reason: 'status 503' }],
  ])('%s', async (_, script, expected) => {
    expect(await authorizeAnswered(script)).toStrictEqual(expected);
  });
});

test('names and codes that are no names stay outside', async () => {
  const hostile = ['\u001b[2J', 'a b', 'a"b', 'x'.repeat(257), '', 'ä', '../x y', 5, null, {}];
  for (const name of hostile) expect(await sendAnswered({ body: { name } })).toStrictEqual({ kind: 'sent' });
  for (const code of [...hostile, 'unregistered', 'A'.repeat(65), 'A\n']) {
    const script = fcmError(400, 'X');
    const detail = { '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode: code };
    const body = { error: { status: code, details: [detail] } };
    expect(await sendAnswered({ ...script, body })).toStrictEqual({
      kind: 'failed',
      reason: 'status 400',
      isCredentialGood: true,
    });
  }
});

const FCM_ERROR = 'type.googleapis.com/google.firebase.fcm.v1.FcmError';
const status = fc.oneof(
  fc.integer({ min: 200, max: 999 }),
  fc.constantFrom(200, 400, 401, 404, 429, 500, 503),
);
const retryAfterMs = fc.option(fc.nat(), { nil: undefined });
const code = fc.oneof(
  fc.anything(),
  fc.string(),
  fc.constantFrom('UNREGISTERED', 'QUOTA_EXCEEDED', 'NOT_FOUND'),
);

describe('whatever is answered', () => {
  const body = fc.oneof(
    fc.anything(),
    fc.record({ name: code }),
    fc.record({
      error: fc.record({
        status: code,
        details: fc.oneof(
          fc.anything(),
          fc.array(fc.record({ '@type': fc.oneof(fc.constant(FCM_ERROR), fc.string()), errorCode: code })),
        ),
      }),
    }),
  );

  test('a send comes to a class, with a reason of its own words', () => {
    fc.assert(
      fc.property(fc.record({ status, body, retryAfterMs }), (answer) => {
        const outcome = readSendAnswer(answer);
        if (outcome.kind === 'sent') {
          expect(outcome.messageId ?? 'n').toMatch(/^[A-Za-z0-9/:%_-]{1,256}$/);
          expect(answer.status).toBeLessThan(300);
        } else {
          expect(outcome.reason).toMatch(/^status \d{3}( \([A-Z0-9_]{1,64}(, [A-Z0-9_]{1,64})?\))?$/);
          expect(answer.status).toBeGreaterThanOrEqual(300);
        }
        if (outcome.kind === 'unauthorized') expect(answer.status).toBe(401);
        if (outcome.kind === 'unregistered') expect(outcome.reason).toContain('UNREGISTERED');
      }),
    );
  });

  const grant = fc.record(
    {
      access_token: fc.oneof(fc.anything(), fc.string()),
      token_type: fc.oneof(fc.constantFrom('Bearer', 'bearer', 'mac'), fc.anything()),
      expires_in: fc.oneof(fc.double(), fc.integer(), fc.anything()),
      error: fc.oneof(fc.constantFrom('invalid_grant', 'invalid_client'), fc.string(), fc.anything()),
    },
    { requiredKeys: [] },
  );

  test('a request for a token comes to one that fits a header and a timer, or to none', () => {
    fc.assert(
      fc.property(fc.record({ status, body: fc.oneof(fc.anything(), grant), retryAfterMs }), (answer) => {
        const outcome = readTokenAnswer(answer);
        if (outcome.kind === 'issued') {
          expect(() => new Headers({ authorization: `Bearer ${outcome.bearer}` })).not.toThrow();
          expect(outcome.expiresInMs).toBeGreaterThan(0);
          expect(outcome.expiresInMs).toBeLessThanOrEqual(86_400_000);
        } else {
          expect(outcome.reason).toMatch(/^status \d{3}( \([a-z_]+\)|, with[ a-z]+)?$/);
        }
      }),
      // NaN is no lifetime, and JSON has none.
      {
        examples: [
          [{ status: 200, body: { access_token: 'a', expires_in: Number.NaN }, retryAfterMs: undefined }],
        ],
      },
    );
  });
});
