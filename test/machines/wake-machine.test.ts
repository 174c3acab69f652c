/** One wake: which answers end it, and which have it sent once more. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PUSH_CALL_TIMEOUT_MS, WAKE_RETRY_MS } from '../../src/protocol/push-limits.ts';
import { BUSY, FAILED, PushRun, READY, SENT, UNAUTHORIZED, UNREGISTERED } from '../support/push-chart.ts';

// Outside production, xstate warns about each event that is sent to an actor that has ended.
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Wake 1 has been sent. */
const sent = (): PushRun => {
  const run = new PushRun();
  run.admit();
  run.fetched(READY);
  run.said();
  return run;
};

test.each([
  ['sent', SENT, 'sent without an id'],
  ['sent, with an id', { kind: 'sent', messageId: 'projects/p/messages/1' }, 'sent projects/p/messages/1'],
  ['unregistered', UNREGISTERED, 'unregistered, status 404'],
  ['failed', FAILED, 'send_failed, no answer'],
] as const)('the answer "%s" ends it', (_, outcome, text) => {
  expect(sent().answer(1, outcome)).toStrictEqual([`ended 1: ${text}`]);
});

test('a busy provider is called once more, after a second', () => {
  const run = sent();
  expect(run.answer(1, BUSY)).toStrictEqual([]);
  expect(run.advance(WAKE_RETRY_MS - 1)).toStrictEqual([]);
  expect(run.advance(1)).toStrictEqual(['send 1']);
  expect(run.answer(1, BUSY)).toStrictEqual(['ended 1: send_failed, status 503']);
});

test('a busy provider that says when is called then', () => {
  const run = sent();
  run.answer(1, { ...BUSY, kind: 'busy', reason: 'status 429', quota: true, retryAfterMs: 4_000 });
  expect(run.advance(3_999)).toStrictEqual([]);
  expect(run.advance(1)).toStrictEqual(['send 1']);
  expect(run.answer(1, SENT)).toStrictEqual(['ended 1: sent without an id']);
});

test('a wait that would take all of its time ends it at once', () => {
  const busy = { kind: 'busy', reason: 'status 503', quota: false } as const;
  const late = sent();
  expect(late.answer(1, { ...busy, retryAfterMs: PUSH_CALL_TIMEOUT_MS })).toStrictEqual([
    'ended 1: send_failed, status 503',
  ]);
  const early = sent();
  expect(early.answer(1, { ...busy, retryAfterMs: PUSH_CALL_TIMEOUT_MS - 1 })).toStrictEqual([]);
});

test('the first call, the wait and the second call take ten seconds in all', () => {
  const run = sent();
  run.advance(4_000);
  run.answer(1, { kind: 'busy', reason: 'status 503', quota: false, retryAfterMs: 9_000 });
  expect(run.advance(5_999)).toStrictEqual([]);
  expect(run.advance(1)).toStrictEqual(['ended 1: send_failed, status 503']);
});

test.each([
  ['the first', () => {}, PUSH_CALL_TIMEOUT_MS],
  [
    'the second',
    (run: PushRun) => {
      run.answer(1, BUSY);
      run.advance(WAKE_RETRY_MS);
    },
    PUSH_CALL_TIMEOUT_MS - WAKE_RETRY_MS,
  ],
])('%s call without an answer has timed out', (_, prepare, leftMs) => {
  const run = sent();
  prepare(run);
  run.said();
  expect(run.advance(leftMs - 1)).toStrictEqual([]);
  expect(run.advance(1)).toStrictEqual(['ended 1: send_failed, timed out']);
  expect(run.answer(1, SENT)).toStrictEqual([]);
});

test('a refused credential costs one other, and time anew', () => {
  const run = sent();
  run.advance(9_000);
  expect(run.answer(1, UNAUTHORIZED)).toStrictEqual(['fetch 2']);
  run.advance(9_000);
  expect(run.fetched(READY)).toStrictEqual(['settled 2', 'send 1']);
  expect(run.advance(PUSH_CALL_TIMEOUT_MS - 1)).toStrictEqual([]);
  expect(run.answer(1, UNAUTHORIZED)).toStrictEqual(['ended 1: send_failed, status 401']);
});

test('it is sent three times at most', () => {
  const run = sent();
  run.answer(1, BUSY);
  expect(run.advance(WAKE_RETRY_MS)).toStrictEqual(['send 1']);
  run.answer(1, UNAUTHORIZED);
  expect(run.fetched(READY)).toStrictEqual(['settled 2', 'send 1']);
  expect(run.answer(1, BUSY)).toStrictEqual(['ended 1: send_failed, status 503']);
});
