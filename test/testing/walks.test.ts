/** Walks are made again by their seed, and shrink. */
import { expect, test } from 'vitest';
import { shrink } from '../../src/testing/shrink.ts';
import { assertWalks, describeWalk, findFailingWalk } from '../../src/testing/walks.ts';

/** A counter from 0 to 3. */
const graph = [0, 1, 2].flatMap((n) => [
  { from: n, event: 'up', to: n + 1 },
  { from: n + 1, event: 'down', to: n },
]);
const options = { graph, start: 0, key: String, seed: 1 };

test('a walk follows the graph, for each subject by itself', async () => {
  let steps = 0;
  await assertWalks({
    ...options,
    subjects: 2,
    run: (walk) => {
      const at = [0, 0];
      for (const { subject, edge } of walk) {
        expect(edge.from).toBe(at[subject]);
        at[subject] = edge.to;
        steps++;
      }
    },
  });
  expect(steps).toBeGreaterThan(1_000);
});

test('it shrinks to the shortest that fails, and its seed makes it again', async () => {
  const run = (walk: Parameters<typeof describeWalk>[0]): void => {
    const ups = walk.filter(({ edge, subject }) => edge.event === 'up' && subject === 1).length;
    if (ups >= 4) throw new Error('too high');
  };
  const failure = await findFailingWalk({ ...options, subjects: 3, run });
  // Four times up from 0 to 3 needs one step down, wherever it is.
  expect(failure?.walk).toHaveLength(5);
  const again = await findFailingWalk({ ...options, subjects: 3, run, walks: 1, seed: failure?.seed ?? 0 });
  expect(again).toEqual(failure);
  await expect(assertWalks({ ...options, subjects: 3, run })).rejects.toThrow(
    /^up.*down.* → too high\n\(5 of \d+ steps; again with seed \d+, walks 1\)$/,
  );
});

test('a walk that was driven as a path is told once', async () => {
  const run = (walk: Parameters<typeof describeWalk>[0]): void => {
    if (walk.length > 1) throw new Error(`${describeWalk(walk)} → too long`);
  };
  await expect(assertWalks({ ...options, run })).rejects.toThrow(/^[^→]+ → too long\n/);
});

test('several subjects are told apart', () => {
  const edge = { from: 0, event: 'up', to: 1 };
  expect(describeWalk([0, 2, 0].map((subject) => ({ subject, edge })))).toBe('0: up x2; 2: up');
});

test('two steps that need each other go together', async () => {
  const fails = async (steps: readonly string[]): Promise<boolean> =>
    steps.includes('fault') && steps.includes('open') === steps.includes('shut');
  expect(await shrink(['open', 'x', 'fault', 'shut', 'x'], fails)).toEqual(['fault']);
});

test('a program that fails only now and then does not shrink for ever', async () => {
  let calls = 0;
  await shrink(
    Array.from({ length: 500 }, (_, i) => i),
    async () => ++calls % 7 === 0,
  );
  expect(calls).toBeLessThanOrEqual(2_000);
});
