/** The generated paths over real sockets, against the real daemon in its own process. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Outcome, RunOptions } from '../../src/conformance/attempt-path.ts';
import type { Path } from '../../src/conformance/covers.ts';
import { type Cover, coverPaths } from '../../src/conformance/covers.ts';
import { failureLines } from '../../src/conformance/failure-kinds.ts';
import { modelGraph, modelPaths } from '../../src/conformance/model.ts';
import { failuresOf, summarize } from '../../src/conformance/report.ts';
import { runDrainPaths } from '../../src/conformance/run-drain.ts';
import { runPaths } from '../../src/conformance/run-paths.ts';
import { TIMED_EVENTS } from '../../src/conformance/wire-events.ts';
import { RelayProcess } from '../support/relay-process.ts';

const MAX_LINE = 16;

let relay: RelayProcess;
afterEach(() => relay.kill());

const start = async (maxPhones: number, graceMs: number, probeTimeoutMs: number): Promise<RunOptions> => {
  relay = await RelayProcess.start([
    ...['--max-phones', String(maxPhones)],
    ...['--grace', `${graceMs}ms`, '--probe-timeout', `${probeTimeoutMs}ms`, '--log-level', 'info'],
  ]);
  return {
    base: relay.url,
    graceMs,
    probeTimeoutMs,
    patienceMs: 60_000,
    parallel: 32,
    profile: 'strict',
    limits: { maxPhones, maxLine: MAX_LINE },
  };
};

const endsInDrain = ({ steps }: Path): boolean => steps.at(-1)?.event === 'drain';

test.each([
  { cap: 3, cover: 'pairs' },
  { cap: 16, cover: 'edge' },
] as const)('cap $cap, $cover', async ({ cap, cover }) => {
  const options = await start(cap, 1_200, 1_200);
  const paths = modelPaths({ maxPhones: cap, cover }).filter((path) => !endsInDrain(path));
  const outcomes: Outcome[] = [];
  await runPaths(paths, options, (outcome) => void outcomes.push(outcome));
  expect(failureLines(failuresOf(outcomes))).toEqual([]);
  expect(summarize(outcomes)).toEqual({ passed: paths.length, failed: 0, skipped: 0, inconclusive: 0 });
  console.log(`cap ${cap}: ${paths.length} paths by ${cover} over real sockets`);
});

describe('paths that end in drain share one daemon and one signal', () => {
  const drainPaths = (cap: number, cover: Cover): Path[] =>
    coverPaths(modelGraph(cap), cover).filter(endsInDrain);
  const waits = ({ steps }: Path): boolean => steps.some(({ event }) => TIMED_EVENTS.has(event));

  test.each([
    // Nothing runs out while all wait for the signal ...
    { name: 'without a timer', cap: 3, cover: 'pairs', timerMs: 600_000, fits: (path: Path) => !waits(path) },
    { name: 'at cap 16', cap: 16, cover: 'edge', timerMs: 600_000, fits: (path: Path) => !waits(path) },
    // ... and where something must have, it is over by then.
    { name: 'after a timer', cap: 3, cover: 'pairs', timerMs: 1_000, fits: waits },
  ] as const)('$name', async ({ cap, cover, timerMs, fits }) => {
    const options = await start(cap, timerMs, timerMs);
    const paths = drainPaths(cap, cover).filter(fits);
    expect(paths.length).toBeGreaterThan(5);
    const outcomes = await runDrainPaths(paths, options, async (standing) => {
      // Evicted sockets may still be closing, but who counts is decided.
      expect(await relay.health()).toMatchObject({
        connected_binaries: standing.binaries,
        connected_phones: standing.phones,
      });
      relay.child.kill('SIGTERM');
    });
    expect(failureLines(failuresOf(outcomes))).toEqual([]);
    expect(summarize(outcomes)).toEqual({ passed: paths.length, failed: 0, skipped: 0, inconclusive: 0 });
    expect(await relay.exited).toBe(0);
  });
});
