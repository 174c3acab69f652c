/** The alarm of the memory watermark, and what is derived from the memory of the machine. */
import { expect, test } from 'vitest';
import { memoryBudget } from '../../src/admission/memory-budget.ts';
import { MemoryWatermark } from '../../src/admission/memory-watermark.ts';

const crossings = (watermark: MemoryWatermark, samples: readonly number[]) =>
  samples.map((bytes) => watermark.sample(bytes));

test('is reached above the mark, and left after five samples in a row below 95 per cent of it', () => {
  const watermark = new MemoryWatermark(1_000);
  expect(crossings(watermark, [999, 1_000])).toEqual([undefined, undefined]);
  expect(watermark.sample(1_001)).toBe('reached');
  expect(watermark.isAbove).toBe(true);
  expect(watermark.excessBytes(1_001)).toBe(51);
  // Between the marks it stays.
  expect(crossings(watermark, [1_500, 960, 950, 949, 949, 949, 949, 950])).not.toContain('left');
  expect(crossings(watermark, [900, 900, 900, 900, 900])).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    'left',
  ]);
  expect(watermark.isAbove).toBe(false);
  expect(watermark.excessBytes(2_000)).toBe(0);
});

test('is never reached if it is off, and ends at once when it is switched off', () => {
  expect(new MemoryWatermark(0).sample(Number.MAX_SAFE_INTEGER)).toBeUndefined();
  const watermark = new MemoryWatermark(10);
  expect(watermark.sample(11)).toBe('reached');
  watermark.markBytes = 0;
  expect(watermark.sample(11)).toBe('left');
});

test('settings that are not given are shares of the memory', () => {
  const none = { totalBacklogBytes: null, memoryWatermarkBytes: null };
  expect(memoryBudget(none, 1_000)).toEqual({ totalBacklogBytes: 250, watermarkBytes: 850 });
  const given = { totalBacklogBytes: 5, memoryWatermarkBytes: 0 };
  expect(memoryBudget(given, 1_000)).toEqual({ totalBacklogBytes: 5, watermarkBytes: 0 });
});
