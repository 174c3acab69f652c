/** The byte rate of a server-id. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteRate } from '../../src/admission/byte-rate.ts';

const RATE = { bytesPerSecond: 1_000, burstBytes: 500 };

test('a burst of one largest frame is free, and what is read beyond it is waited for', () => {
  const bucket = new ByteRate(RATE, 0);
  bucket.take(RATE, 500, 0);
  expect(bucket.waitMs(RATE, 0)).toBe(0);
  bucket.take(RATE, 250, 0);
  expect(bucket.waitMs(RATE, 0)).toBe(250);
  expect(bucket.waitMs(RATE, 249)).toBe(1);
  expect(bucket.waitMs(RATE, 250)).toBe(0);
});

test('never lets more through than the burst, the rate and one read, and never makes anybody wait for less', () => {
  const step = fc.record({ bytes: fc.nat(5_000), pauseMs: fc.nat(3_000) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1 }), (steps) => {
      const bucket = new ByteRate(RATE, 0);
      let [nowMs, read, largest] = [0, 0, 0];
      for (const { bytes, pauseMs } of steps) {
        nowMs += pauseMs;
        nowMs += bucket.waitMs(RATE, nowMs);
        expect(bucket.waitMs(RATE, nowMs)).toBe(0);
        bucket.take(RATE, bytes, nowMs);
        read += bytes;
        largest = Math.max(largest, bytes);
        const allowed = RATE.burstBytes + (nowMs * RATE.bytesPerSecond) / 1_000;
        expect(read).toBeLessThanOrEqual(allowed + largest);
        // Rounded up to a millisecond.
        expect(bucket.waitMs(RATE, nowMs)).toBeLessThanOrEqual(read);
      }
    }),
  );
});

test('a clock that goes back gives nothing and takes nothing', () => {
  const bucket = new ByteRate(RATE, 1_000);
  bucket.take(RATE, 600, 1_000);
  expect(bucket.waitMs(RATE, 500)).toBe(100);
});
