import { expect, test, vi } from 'vitest';
import { residentBytes } from '../src/resident-memory.ts';

test('out of file descriptors, the last reading counts: nothing throws in a timer or in the metrics', () => {
  const before = residentBytes();
  expect(before).toBeGreaterThan(0);
  const rss = vi.spyOn(process.memoryUsage, 'rss').mockImplementation(() => {
    throw new Error('A system error occurred: uv_resident_set_memory returned EMFILE');
  });
  expect(residentBytes()).toBe(before);
  rss.mockRestore();
});
