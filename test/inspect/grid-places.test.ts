/** Where each server-id stands in the picture of the whole. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dotsFor, GridPlaces, gridFor } from '../../src/inspect/page/grid-places.ts';

describe('the picture of the whole', () => {
  test('a server-id keeps its square, and the square of one that is gone is used again', () => {
    const places = new GridPlaces();
    expect(['a', 'b', 'c'].map((id) => places.set([id, 'live', 0, 0]))).toEqual([0, 1, 2]);
    expect(places.set(['b', 'grace', 1, 0])).toBe(1);
    expect(places.at(1)).toEqual(['b', 'grace', 1, 0]);
    expect([places.delete('b'), places.delete('b'), places.at(1), places.size]).toEqual([
      1,
      undefined,
      undefined,
      3,
    ]);
    expect(places.set(['d', 'live', 0, 0])).toBe(1);
    expect(places.set(['e', 'live', 0, 0])).toBe(3);
    places.clear();
    expect([places.size, places.set(['a', 'live', 0, 0])]).toEqual([0, 0]);
  });

  test('squares fill the picture, and are never too small to be seen', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 50_000 }),
        fc.integer({ min: 1, max: 3_000 }),
        fc.integer({ min: 1, max: 1_000 }),
        (count, width, height) => {
          const { columns, step, gap } = gridFor(count, width, height);
          expect(step - gap).toBeGreaterThanOrEqual(2);
          expect(columns === 1 || columns * step <= width).toBe(true);
          const fits = Math.ceil(count / columns) * step <= height;
          // Then they are as small as they may be, and the picture grows.
          expect(fits || step === 3).toBe(true);
        },
      ),
    );
  });

  test('dots stay in their square, and there is one for each phone as long as they fit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 2, max: 60 }), (phones, side) => {
        const { across, count, size, step } = dotsFor(phones, side);
        expect((across - 1) * step + size).toBeLessThanOrEqual(side);
        expect(count).toBe(Math.min(phones, across * across));
        expect(size).toBeGreaterThanOrEqual(1);
      }),
    );
    expect(dotsFor(16, 28).count).toBe(16);
  });
});
