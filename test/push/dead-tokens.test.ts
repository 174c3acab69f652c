/** How many dead tokens are remembered, and for how long. */
import { expect, test } from 'vitest';
import { DeadTokens } from '../../src/push/dead-tokens.ts';
import { DEAD_TOKEN_MS } from '../../src/push/limits.ts';

test('the oldest makes room for one more', () => {
  const dead = new DeadTokens(() => 0, 2);
  for (const hash of ['a', 'b', 'a', 'c']) dead.add(hash);
  expect(['a', 'b', 'c'].map((hash) => dead.has(hash))).toStrictEqual([true, false, true]);
  expect(dead.size).toBe(2);
});

test('each is forgotten an hour after it was last found dead', () => {
  let nowMs = 0;
  const dead = new DeadTokens(() => nowMs);
  dead.add('a');
  dead.add('b');
  nowMs = DEAD_TOKEN_MS / 2;
  dead.add('a');
  nowMs = DEAD_TOKEN_MS;
  expect(['a', 'b'].map((hash) => dead.has(hash))).toStrictEqual([true, false]);
  nowMs = 1.5 * DEAD_TOKEN_MS;
  expect(dead.size).toBe(0);
});
