/** Renewals leave a third of the lifetime, and failures never come near the limits of a server. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_RETRY_WAIT_MS } from '../../../src/transport/acme/acme-limits.ts';
import type { FailureKind } from '../../../src/transport/acme/order-failure.ts';
import {
  type Attempts,
  afterFailure,
  afterIssue,
  beforeOrder,
  hasFailed,
  NO_ATTEMPTS,
  orderAtMs,
} from '../../../src/transport/acme/renewal-schedule.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = 1_800_000_000_000;
const OF_90_DAYS = { startsAtMs: NOW_MS, expiresAtMs: NOW_MS + 90 * DAY_MS };

test('a certificate of 90 days is renewed after 57 to 60, and one of 6 days after 3.8 to 4', () => {
  expect(orderAtMs(NO_ATTEMPTS, OF_90_DAYS, NOW_MS, 0)).toBe(NOW_MS + 60 * DAY_MS);
  expect(orderAtMs(NO_ATTEMPTS, OF_90_DAYS, NOW_MS, 1)).toBe(NOW_MS + 57 * DAY_MS);
  const of6Days = { startsAtMs: NOW_MS, expiresAtMs: NOW_MS + 6 * DAY_MS };
  expect(orderAtMs(NO_ATTEMPTS, of6Days, NOW_MS, 0)).toBe(NOW_MS + 4 * DAY_MS);
});

const failed = (kind: FailureKind, before: Attempts, nowMs: number, retryAfterMs = 0): Attempts =>
  afterFailure(before, { kind, retryAfterMs }, nowMs, 0);

test('what a server counts is tried again after 1, 4, 16 and 64 minutes', () => {
  let attempts = NO_ATTEMPTS;
  const waits = [1, 2, 3, 4, 5, 6, 7].map(() => {
    attempts = failed('refused', attempts, NOW_MS);
    return (attempts.notBeforeMs - NOW_MS) / MINUTE_MS;
  });
  expect(waits).toStrictEqual([1, 4, 16, 64, 256, 720, 720]);
});

test('a server that is down is asked again after 10, 20 and 40 seconds, at last every hour', () => {
  let attempts = NO_ATTEMPTS;
  const waits = Array.from({ length: 12 }, () => {
    attempts = failed('unavailable', attempts, NOW_MS);
    return (attempts.notBeforeMs - NOW_MS) / 1_000;
  });
  expect(waits.slice(0, 3)).toStrictEqual([10, 20, 40]);
  expect(waits.at(-1)).toBe(3_600);
});

test('a server is not asked before the time it names, but within a week', () => {
  expect(failed('rate_limited', NO_ATTEMPTS, NOW_MS, 5 * HOUR_MS).notBeforeMs).toBe(NOW_MS + 5 * HOUR_MS);
  expect(failed('rate_limited', NO_ATTEMPTS, NOW_MS, 5).notBeforeMs).toBe(NOW_MS + HOUR_MS);
  expect(failed('rate_limited', NO_ATTEMPTS, NOW_MS, 1e15).notBeforeMs).toBe(NOW_MS + MAX_RETRY_WAIT_MS);
});

test('outages in between do not make a server forget what it has refused', () => {
  const twice = failed('refused', failed('refused', NO_ATTEMPTS, NOW_MS), NOW_MS);
  const down = failed('unavailable', twice, NOW_MS);
  expect(down.notBeforeMs).toBe(NOW_MS + 10_000);
  expect(failed('refused', down, NOW_MS).notBeforeMs).toBe(NOW_MS + 16 * MINUTE_MS);
});

test('a process that ends during its order finds it as refused', () => {
  expect(beforeOrder(NO_ATTEMPTS, NOW_MS, 0)).toStrictEqual(failed('refused', NO_ATTEMPTS, NOW_MS));
});

test('with a clock that is wrong by months, a third of a lifetime passes before the next order', () => {
  const aheadMs = NOW_MS + 365 * DAY_MS;
  const attempts = afterIssue(OF_90_DAYS, aheadMs);
  expect(hasFailed(attempts)).toBe(false);
  expect(orderAtMs(attempts, OF_90_DAYS, aheadMs + 1, 0)).toBe(aheadMs + 30 * DAY_MS);
});

test('a certificate that was issued and lost is ordered at once, one that was refused is not', () => {
  expect(orderAtMs(afterIssue(OF_90_DAYS, NOW_MS), undefined, NOW_MS, 0)).toBe(0);
  const refused = failed('refused', NO_ATTEMPTS, NOW_MS);
  expect(orderAtMs(refused, undefined, NOW_MS, 0)).toBe(NOW_MS + MINUTE_MS);
});

test('a time planned by a clock that was far ahead does not hold for longer than a week', () => {
  const ahead = failed('refused', NO_ATTEMPTS, NOW_MS + 1_000 * DAY_MS);
  expect(orderAtMs(ahead, undefined, NOW_MS, 0)).toBe(NOW_MS + MAX_RETRY_WAIT_MS);
});

test('whatever fails, with restarts in between, a server counts at most four failures in any hour', () => {
  const kinds = fc.constantFrom<FailureKind>(
    'refused',
    'timed_out',
    'unusable',
    'unavailable',
    'rate_limited',
  );
  fc.assert(
    fc.property(
      fc.array(fc.record({ kind: kinds, spread: fc.double({ min: 0, max: 1, noNaN: true }) })),
      (steps) => {
        let attempts = NO_ATTEMPTS;
        let nowMs = NOW_MS;
        const counted: number[] = [];
        for (const { kind, spread } of steps) {
          nowMs = Math.max(nowMs, orderAtMs(attempts, undefined, nowMs, spread));
          if (kind !== 'unavailable') counted.push(nowMs);
          attempts = afterFailure(attempts, { kind, retryAfterMs: 0 }, nowMs, spread);
        }
        counted.forEach((atMs) => {
          expect(counted.filter((other) => other >= atMs && other < atMs + HOUR_MS).length).toBeLessThan(5);
        });
      },
    ),
  );
});
