import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultConnections, maxUnfinished } from '../../src/admission/default-connections.ts';

const MIB = 1024 ** 2;

test.each([
  [1_024 * MIB, 1_024, { maxConnections: 819, reason: '80 % of 1024 file descriptors' }],
  [512 * MIB, 1_048_576, { maxConnections: 4_096, reason: '50 % of 512 MiB of memory at 64 KiB each' }],
  [256 * MIB, undefined, { maxConnections: 2_048, reason: '50 % of 256 MiB of memory at 64 KiB each' }],
])('a machine of %s bytes and %s descriptors holds %o', (memoryBytes, descriptors, expected) => {
  expect(defaultConnections({ memoryBytes, descriptors })).toEqual(expected);
});

test.each([
  [1_024 * MIB, 1_024, 0, 921],
  [1_024 * MIB, 1_024, 819, 102],
  [1_024 * MIB, 1_024, 1_000, 16],
  [64 * 1_024 * MIB, 1_048_576, 0, 4_096],
  [256 * MIB, undefined, 0, 491],
])(
  'of %s bytes and %s descriptors, beside %s connections, %s may be unfinished',
  (memoryBytes, descriptors, taken, expected) => {
    expect(maxUnfinished({ memoryBytes, descriptors }, taken)).toBe(expected);
  },
);

test('both together leave descriptors to others', () => {
  const machines = fc.record({
    memoryBytes: fc.integer({ min: MIB, max: 2 ** 40 }),
    descriptors: fc.integer({ min: 256, max: 2 ** 20 }),
  });
  fc.assert(
    fc.property(machines, (machine) => {
      const { maxConnections } = defaultConnections(machine);
      expect(maxConnections + maxUnfinished(machine, maxConnections)).toBeLessThan(machine.descriptors);
    }),
  );
});
