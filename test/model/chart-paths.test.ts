/** The generated paths through the actors themselves, judged by the table of expectations. */
import { describe, expect, test, vi } from 'vitest';
import { ActorTarget } from '../../src/conformance/actor-target.ts';
import { type Cover, coverPaths } from '../../src/conformance/covers.ts';
import { type Expected, ROWS } from '../../src/conformance/expectations.ts';
import { modelGraph, modelPaths } from '../../src/conformance/model.ts';
import { describeFailure, runPath } from '../../src/conformance/run-path.ts';
import type { Situation } from '../../src/conformance/wire-events.ts';
import { Oracle } from '../../src/testing/oracle.ts';

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
] as const)('cap %i, %s: every path shows what the table says', async (cap, cover) => {
  const { paths, failures } = await run(cap, cover);
  console.log(`cap ${cap}: ${paths} paths`);
  expect(failures).toEqual([]);
});

describe('the table of expectations', () => {
  /** The table, as `expect` reads it at this cap. */
  const tableAt = (maxPhones: number): Oracle<Situation, Expected> =>
    new Oracle(
      ROWS.map(({ event, slots, when, expected }) => ({
        event,
        when: (at) => slots.includes(at.slot) && (when?.(at, { maxPhones, maxLine: 16 }) ?? true),
        expected,
      })),
    );

  test('has a row for every event in every situation of the graph', () => {
    expect(tableAt(3).undecided(modelGraph(3))).toEqual([]);
  });

  test('has no row that no path uses', () => {
    const steps = modelPaths({ maxPhones: 1, cover: 'edge' }).flatMap((path) => path.steps);
    expect(tableAt(1).unused(steps)).toEqual([]);
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
