/** Invariants in every state the server chart can reach. */
import { expect, test } from 'vitest';
import { exploreInvariants } from '../../src/conformance/invariants.ts';

test.each([
  { cap: 1, mostPhones: 1 },
  { cap: 2, mostPhones: 2 },
  { cap: 3, mostPhones: 3 },
  { cap: 16, mostPhones: 16 },
  { cap: 0, mostPhones: 5 },
])('cap $cap, up to 3 in line', ({ cap, mostPhones }) => {
  const { states, steps, violations } = exploreInvariants({ maxPhones: cap, mostPhones, mostInLine: 2 });
  console.log(`cap ${cap}: invariants checked in ${states} states and ${steps} steps`);
  expect(violations).toEqual([]);
  expect(states).toBeGreaterThan(10);
});
