import { expect, test } from 'vitest';
import { fillRandom } from '../../src/transport/random-pool.ts';

test('gives everyone bytes of their own, over many pages', () => {
  const drawn = new Set<string>();
  for (let i = 0; i < 5_000; i++) {
    const bytes = Buffer.alloc(8);
    fillRandom(bytes);
    drawn.add(bytes.toString('hex'));
  }
  expect(drawn.size).toBe(5_000);
  expect(drawn).not.toContain('0'.repeat(16));
});

test('fills all of what it is given, and refuses what no page holds', () => {
  const bytes = Buffer.alloc(4_096);
  fillRandom(bytes);
  // That 64 bytes in a row are 0 by chance will not happen.
  for (let at = 0; at < bytes.length; at += 64)
    expect(bytes.subarray(at, at + 64).some((byte) => byte !== 0)).toBe(true);
  expect(() => fillRandom(Buffer.alloc(4_097))).toThrow(RangeError);
});
