import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Rate, RateBuckets } from '../../src/admission/rate-buckets.ts';

class Clock {
  ms = 0;
}

const start = (rate: Rate, maxBuckets?: number) => {
  const clock = new Clock();
  const buckets = new RateBuckets(rate, () => clock.ms, maxBuckets);
  const takeAll = (key: string): number => {
    let taken = 0;
    while (buckets.take(key) === 0) taken++;
    return taken;
  };
  return { clock, buckets, takeAll };
};

/** The Go relay's bucket, as the specification describes it: whole tokens, and the fraction stays with the clock. */
class SpecifiedBucket {
  #tokens: number;
  #refilledAtMs: number;
  readonly #rate: Rate;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#refilledAtMs = nowMs;
  }

  take(nowMs: number): boolean {
    const { burst, everyMs } = this.#rate;
    const gained = Math.floor((nowMs - this.#refilledAtMs) / everyMs);
    this.#tokens += gained;
    this.#refilledAtMs += gained * everyMs;
    if (this.#tokens >= burst) {
      this.#tokens = burst;
      this.#refilledAtMs = nowMs;
    }
    if (this.#tokens === 0) return false;
    this.#tokens--;
    return true;
  }
}

const RATE: Rate = { burst: 3, everyMs: 6_000 };

describe('one bucket', () => {
  test('lets a burst through, then one each time it has gained a token, and says when', () => {
    const { clock, buckets, takeAll } = start(RATE);
    expect(takeAll('a')).toBe(3);
    expect(buckets.take('a')).toBe(6_000);
    clock.ms += 4_000;
    expect(buckets.take('a')).toBe(2_000);
    clock.ms += 2_000;
    expect(takeAll('a')).toBe(1);
    clock.ms += 1_000_000;
    expect(takeAll('a')).toBe(3);
  });

  test('who is refused pays nothing', () => {
    const { clock, buckets, takeAll } = start(RATE);
    takeAll('a');
    for (let i = 0; i < 100; i++) buckets.take('a');
    clock.ms += 6_000;
    expect(buckets.take('a')).toBe(0);
  });

  test('is as specified, whatever the times', () => {
    const rates = fc.record({
      burst: fc.integer({ min: 1, max: 5 }),
      everyMs: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(rates, fc.array(fc.nat({ max: 80 }), { maxLength: 100 }), (rate, pauses) => {
        const { clock, buckets } = start(rate);
        const specified = new SpecifiedBucket(rate, clock.ms);
        for (const pauseMs of pauses) {
          clock.ms += pauseMs;
          expect(buckets.take('a') === 0).toBe(specified.take(clock.ms));
        }
      }),
    );
  });
});

test('each subscriber has a bucket of his own', () => {
  const { takeAll } = start(RATE);
  expect([takeAll('a'), takeAll('b'), takeAll('a')]).toEqual([3, 3, 0]);
});

test('a burst of 0 switches it off', () => {
  const { buckets } = start({ burst: 0, everyMs: 6_000 });
  for (let i = 0; i < 1_000; i++) expect(buckets.take('a')).toBe(0);
  expect(buckets.size).toBe(0);
});

describe('the table', () => {
  test('is bounded: a flood of addresses pushes out no bucket that owes tokens, and shares one', () => {
    const { buckets, takeAll } = start(RATE, 10);
    takeAll('attacker');
    let passed = 0;
    for (let i = 0; i < 1_000; i++) if (buckets.take(`flood ${i}`) === 0) passed++;
    expect(buckets.size).toBeLessThanOrEqual(11);
    expect(passed).toBe(9 + 3);
    expect(buckets.take('attacker')).toBeGreaterThan(0);
  });

  test('gives the place of a full bucket to a newcomer', () => {
    const { clock, buckets, takeAll } = start(RATE, 3);
    for (const key of ['a', 'b', 'c']) buckets.take(key);
    clock.ms += 6_000;
    expect(['d', 'e', 'f'].map(takeAll)).toEqual([3, 3, 3]);
    expect(buckets.size).toBe(3);
  });

  test('forgets full buckets by itself', () => {
    const { clock, buckets } = start(RATE);
    for (let i = 0; i < 1_000; i++) buckets.take(`a${i}`);
    clock.ms += 3_600_000;
    for (let i = 0; i < 1_000; i++) buckets.take('b');
    expect(buckets.size).toBe(1);
  });

  test.each([
    ['ten slots between two dials', 100, 1_000],
    ['more slots between two dials than a bucket owes for', 100, 60_000],
  ])('does not lag behind: %s', (_, everyMs, pauseMs) => {
    const { clock, buckets } = start({ burst: 20, everyMs }, 65_536);
    for (let i = 0; i < 2_000; i++) {
      buckets.take(`address ${i}`);
      clock.ms += pauseMs;
    }
    expect(buckets.size).toBeLessThanOrEqual(2);
  });

  test('decides as an unbounded one would, while it has room', () => {
    const polls = fc.array(fc.tuple(fc.nat({ max: 40 }), fc.nat({ max: 7 })), { maxLength: 200 });
    fc.assert(
      fc.property(polls, (steps) => {
        const rate: Rate = { burst: 2, everyMs: 20 };
        const { clock, buckets } = start(rate, 8);
        const specified = new Map<number, SpecifiedBucket>();
        for (const [pauseMs, key] of steps) {
          clock.ms += pauseMs;
          const known = specified.get(key) ?? new SpecifiedBucket(rate, clock.ms);
          specified.set(key, known);
          expect(buckets.take(`k${key}`) === 0).toBe(known.take(clock.ms));
          expect(buckets.size).toBeLessThanOrEqual(8);
        }
      }),
    );
  });
});

describe('a change of the rate', () => {
  test('counts at once, from full buckets', () => {
    const { buckets, takeAll } = start(RATE);
    takeAll('a');
    buckets.change({ burst: 5, everyMs: 1_000 });
    expect(takeAll('a')).toBe(5);
    expect(buckets.take('a')).toBe(1_000);
  });

  test('to the same rate changes nothing', () => {
    const { buckets, takeAll } = start(RATE);
    takeAll('a');
    buckets.change({ ...RATE });
    expect(takeAll('a')).toBe(0);
  });
});
