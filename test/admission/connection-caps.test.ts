import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CapLimit,
  type Caps,
  ConnectionCaps,
  reservedPlaces,
} from '../../src/admission/connection-caps.ts';
import type { Role } from '../../src/protocol/routing-headers.ts';

const caps = (maxConnections: number, binary = 10, phone = 10, maxPerSubscriber = 0): Caps => ({
  maxConnections,
  reservedPercent: { binary, phone },
  maxPerSubscriber,
});

/** Dials until a limit is reached. */
const flood = (held: ConnectionCaps, role: Role): { taken: number; limit: CapLimit } => {
  for (let taken = 0; ; taken++) {
    const place = held.take(role, `${role} ${taken}`);
    if (typeof place === 'string') return { taken, limit: place };
  }
};

test.each([
  [1, 10, 10, 0, 0],
  [2, 10, 10, 1, 1],
  [3, 10, 10, 1, 1],
  [20, 10, 10, 2, 2],
  [1_000, 10, 25, 100, 250],
  [20, 0, 10, 0, 2],
  [2, 99, 1, 1, 1],
  [10, 99, 1, 9, 1],
])('of %s places, %s and %s per cent are %s and %s', (max, binary, phone, forBinaries, forPhones) => {
  const held = caps(max, binary, phone);
  expect([reservedPlaces(held, 'binary'), reservedPlaces(held, 'phone')]).toEqual([forBinaries, forPhones]);
});

describe('a flood of one role', () => {
  test.each([
    [2, 1],
    [3, 2],
    [20, 18],
    [1_000, 900],
  ])('of %s places, takes all but the reserved ones: %s', (max, expected) => {
    for (const [role, other] of [
      ['phone', 'binary'],
      ['binary', 'phone'],
    ] as const) {
      const held = new ConnectionCaps(caps(max));
      expect(flood(held, role)).toEqual({ taken: expected, limit: 'reserved' });
      expect(flood(held, other)).toEqual({ taken: max - expected, limit: 'max_connections' });
    }
  });

  test('takes the only place, whichever role it has', () => {
    for (const role of ['binary', 'phone'] as const)
      expect(flood(new ConnectionCaps(caps(1)), role)).toEqual({ taken: 1, limit: 'max_connections' });
  });

  test('takes all of them where none is reserved', () => {
    expect(flood(new ConnectionCaps(caps(20, 0, 0)), 'phone')).toEqual({
      taken: 20,
      limit: 'max_connections',
    });
  });
});

test('one subscriber has no more than his share, and gets a place when he frees one', () => {
  const held = new ConnectionCaps(caps(100, 10, 10, 2));
  const places = [held.take('phone', 'a'), held.take('binary', 'a')];
  expect(held.take('phone', 'a')).toBe('max_connections_per_ip');
  expect(held.take('phone', 'b')).toBeTypeOf('function');
  const [first] = places;
  if (typeof first === 'function') first();
  expect(held.take('phone', 'a')).toBeTypeOf('function');
});

test('lower caps close nobody, and let nobody in until there are fewer', () => {
  const held = new ConnectionCaps(caps(10, 0, 0));
  const places = Array.from({ length: 5 }, (_, i) => held.take('phone', `${i}`));
  held.caps = caps(4, 0, 0);
  expect(held.total).toBe(5);
  expect(held.take('phone', 'x')).toBe('max_connections');
  for (const place of places.slice(0, 2)) if (typeof place === 'function') place();
  expect(held.take('phone', 'x')).toBeTypeOf('function');
});

test('after any walk, what is taken is what was not freed, no bound is passed, and neither role is locked out', () => {
  const percents = fc
    .tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 99 }))
    .filter(([a, b]) => a + b <= 100);
  const walks = fc.record({
    max: fc.integer({ min: 1, max: 30 }),
    percents,
    perSubscriber: fc.integer({ min: 0, max: 4 }),
    steps: fc.array(
      fc.record({
        role: fc.constantFrom<Role>('binary', 'phone'),
        subscriber: fc.integer({ min: 0, max: 5 }),
        frees: fc.option(fc.nat()),
      }),
      { maxLength: 120 },
    ),
  });
  fc.assert(
    fc.property(walks, ({ max, percents: [binary, phone], perSubscriber, steps }) => {
      const rule = caps(max, binary, phone, perSubscriber);
      const held = new ConnectionCaps(rule);
      const places: { role: Role; subscriber: number; free: () => void }[] = [];
      const count = (role: Role): number => places.filter((place) => place.role === role).length;
      for (const { role, subscriber, frees } of steps) {
        const [gone] = frees === null || places.length === 0 ? [] : places.splice(frees % places.length, 1);
        // Once too often, as a socket that reports its end twice would.
        gone?.free();
        gone?.free();
        const other: Role = role === 'phone' ? 'binary' : 'phone';
        const place = held.take(role, String(subscriber));
        if (typeof place === 'function') places.push({ role, subscriber, free: place });
        else if (place === 'max_connections') expect(places).toHaveLength(max);
        else if (place === 'reserved')
          expect(max - places.length).toBeLessThanOrEqual(reservedPlaces(rule, other));
        expect(held.taken).toEqual({ binary: count('binary'), phone: count('phone') });
        expect(held.total).toBeLessThanOrEqual(max);
        expect(max - count(role)).toBeGreaterThanOrEqual(reservedPlaces(rule, other));
        if (perSubscriber > 0) {
          const own = places.filter((taken) => taken.subscriber === subscriber).length;
          expect(own).toBeLessThanOrEqual(perSubscriber);
        }
      }
    }),
  );
});
