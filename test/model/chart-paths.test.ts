/** The generated paths through the actors themselves, judged by the table of expectations. */
import { describe, expect, test, vi } from 'vitest';
import { ActorTarget } from '../../src/conformance/actor-target.ts';
import { type Cover, coverPaths } from '../../src/conformance/covers.ts';
import { expect as expectedFor, ROWS } from '../../src/conformance/expectations.ts';
import { modelGraph, modelPaths } from '../../src/conformance/model.ts';
import { describeFailure, runPath } from '../../src/conformance/run-path.ts';

const run = async (cap: number, cover: Cover): Promise<{ paths: number; failures: string[] }> => {
  const rules = { limits: { maxPhones: cap, maxLine: 16 }, profile: 'strict' as const };
  const failures = new Set<string>();
  const paths = modelPaths({ maxPhones: cap, cover });
  for (const path of paths) {
    const target = new ActorTarget(cap);
    const failure = await runPath(path, target, rules);
    target.dispose();
    if (failure !== undefined) failures.add(describeFailure(failure));
  }
  return { paths: paths.length, failures: [...failures] };
};

test.each([
  [1, 'pairs'],
  [2, 'pairs'],
  [3, 'pairs'],
  [0, 'pairs'],
  [16, 'edge'],
] as const)(
  'cap %i, %s: every path shows what the table says',
  async (cap, cover) => {
    const { paths, failures } = await run(cap, cover);
    console.log(`cap ${cap}: ${paths} paths`);
    expect(failures).toEqual([]);
  },
  60_000,
);

describe('the table of expectations', () => {
  test('has a row for every event in every situation of the graph', () => {
    for (const { event, from } of modelGraph(3)) {
      expect(() => expectedFor(event, from, { maxPhones: 3, maxLine: 16 })).not.toThrow();
    }
  });

  test('has no row that no path uses', () => {
    const limits = { maxPhones: 1, maxLine: 16 };
    const needed = new Set(
      modelPaths({ maxPhones: 1, cover: 'edge' }).flatMap(({ steps }) =>
        steps.map(({ event, from }) => expectedFor(event, from, limits)),
      ),
    );
    expect(ROWS.filter(({ expected }) => !needed.has(expected))).toEqual([]);
  });

  test('does not depend on the chart: an empty chart fails at its first claim', async () => {
    const [path] = coverPaths(modelGraph(1), 'edge');
    if (path === undefined) throw new Error('there are paths');
    const target = new ActorTarget(1);
    target.dispose();
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const failure = await runPath(path, target, { limits: { maxPhones: 1, maxLine: 16 }, profile: 'strict' });
    expect(failure?.problem).toContain('expected');
  });
});
