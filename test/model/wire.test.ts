/** The generated paths over real sockets, against the real daemon in its own process. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Path } from '../../src/conformance/covers.ts';
import { coverPaths } from '../../src/conformance/covers.ts';
import { modelGraph, modelPaths } from '../../src/conformance/model.ts';
import { failureLines, summarize } from '../../src/conformance/report.ts';
import { runDrainPaths } from '../../src/conformance/run-drain.ts';
import { type Outcome, type RunOptions, runPaths } from '../../src/conformance/run-paths.ts';
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
    patienceMs: 10_000,
    parallel: 48,
    profile: 'strict',
    limits: { maxPhones, maxLine: MAX_LINE },
  };
};

const endsInDrain = ({ steps }: Path): boolean => steps.at(-1)?.event === 'drain';

test.each([
  { cap: 3, cover: 'pairs' },
  { cap: 16, cover: 'edge' },
] as const)(
  'cap $cap, $cover',
  async ({ cap, cover }) => {
    const options = await start(cap, 800, 800);
    const paths = modelPaths({ maxPhones: cap, cover }).filter((path) => !endsInDrain(path));
    const outcomes: Outcome[] = [];
    await runPaths(paths, options, (outcome) => void outcomes.push(outcome));
    expect(failureLines(outcomes)).toEqual([]);
    expect(summarize(outcomes)).toEqual({ passed: paths.length, failed: 0, skipped: 0 });
    console.log(`cap ${cap}: ${paths.length} paths by ${cover} over real sockets`);
  },
  120_000,
);

describe('paths that end in drain share one daemon and one signal', () => {
  const drainPaths = (cap: number): Path[] => coverPaths(modelGraph(cap), 'pairs').filter(endsInDrain);
  const waits = ({ steps }: Path): boolean => steps.some(({ event }) => TIMED_EVENTS.has(event));

  test.each([
    // Nothing runs out while all wait for the signal ...
    {
      name: 'without a timer',
      graceMs: 600_000,
      probeTimeoutMs: 600_000,
      fits: (path: Path) => !waits(path),
    },
    // ... and where something must have, it is over by then.
    { name: 'after a timer', graceMs: 700, probeTimeoutMs: 700, fits: waits },
  ])(
    '$name',
    async ({ graceMs, probeTimeoutMs, fits }) => {
      const options = await start(3, graceMs, probeTimeoutMs);
      const paths = drainPaths(3).filter(fits);
      expect(paths.length).toBeGreaterThan(5);
      const outcomes = await runDrainPaths(paths, options, async (standing) => {
        // Evicted sockets may still be closing, but who counts is decided.
        expect(await relay.health()).toMatchObject({
          connected_binaries: standing.binaries,
          connected_phones: standing.phones,
        });
        relay.child.kill('SIGTERM');
      });
      expect(failureLines(outcomes)).toEqual([]);
      expect(summarize(outcomes)).toEqual({ passed: paths.length, failed: 0, skipped: 0 });
      expect(await relay.exited).toBe(0);
    },
    60_000,
  );
});
