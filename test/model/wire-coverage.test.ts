/**
 * What is exercised of the charts of a relay that runs: over real sockets, and inspected. The generated paths come first; what they
 * never do is played (`played/`). What neither can do is named with its reason.
 */
import { existsSync } from 'node:fs';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { Outcome, RunOptions } from '../../src/conformance/attempt-path.ts';
import { coverPaths, type Path } from '../../src/conformance/covers.ts';
import { failureLines } from '../../src/conformance/failure-kinds.ts';
import { modelGraph, modelPaths } from '../../src/conformance/model.ts';
import { runDrainPaths } from '../../src/conformance/run-drain.ts';
import { runPaths } from '../../src/conformance/run-paths.ts';
import { TIMED_EVENTS } from '../../src/conformance/wire-events.ts';
import { reportCoverage, uncovered } from '../../src/testing/coverage-report.ts';
import type { TestRelay } from '../support/relay.ts';
import { SITUATIONS } from './played/situations.ts';
import { withRelay } from './played/with-relay.ts';
import { WATCHED } from './watched-root.ts';
import { EXCEPTIONS } from './wire-exceptions.ts';
import { writeCoverage } from './write-coverage.ts';

vi.mock(import('../../src/create-root.ts'), async (original) => {
  const { watchRoots } = await import('./watched-root.ts');
  return { createRoot: watchRoots((await original()).createRoot) };
});
// Faults are planted where the relay meets what the test has poisoned.
vi.mock(import('../../src/protocol/close-codes.ts'), async (original) => {
  const [module, { throwIfPoisoned }] = [await original(), await import('./played/poison.ts')];
  return {
    ...module,
    maySendCloseCode: (code) => {
      throwIfPoisoned(String(code));
      return module.maySendCloseCode(code);
    },
  };
});
vi.mock(import('../../src/protocol/binary-envelope.ts'), async (original) => {
  const [module, { throwIfPoisoned }] = [await original(), await import('./played/poison.ts')];
  return {
    ...module,
    readBinaryEnvelope: (message) => {
      throwIfPoisoned(Buffer.from(message));
      return module.readBinaryEnvelope(message);
    },
  };
});
vi.mock(import('../../src/transport/joined-pieces.ts'), async (original) => {
  const [module, { throwIfPoisoned }] = [await original(), await import('./played/poison.ts')];
  return {
    ...module,
    ownBytes: (bytes) => {
      throwIfPoisoned(bytes);
      return module.ownBytes(bytes);
    },
  };
});

const CAP = 2;

const optionsOf = (relay: TestRelay, timerMs: number): RunOptions => ({
  base: relay.url,
  graceMs: timerMs,
  probeTimeoutMs: timerMs,
  patienceMs: 60_000,
  parallel: 32,
  profile: 'strict',
  limits: { maxPhones: CAP, maxLine: 16 },
});

const failuresIn = (outcomes: readonly Outcome[]): string[] =>
  failureLines(outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [outcome.failure] : [])));

const endsInDrain = (path: Path): boolean => path.steps.at(-1)?.event === 'drain';
const waits = ({ steps }: Path): boolean => steps.some(({ event }) => TIMED_EVENTS.has(event));

const reports = () =>
  Object.values(WATCHED).map((coverage) => {
    const report = reportCoverage(coverage, { exceptions: EXCEPTIONS[coverage.machine.id] ?? {} });
    return { machine: coverage.machine, report };
  });

afterAll(() => writeCoverage('sockets', reports()));

test('the paths pass', async () => {
  // Long enough for seventeen claims on a slow machine: a path that overruns it is skipped, and would be missed.
  const timerMs = 6_000;
  await withRelay({ maxPhones: CAP, graceMs: timerMs, probeTimeoutMs: timerMs }, {}, async (relay) => {
    const paths = modelPaths({ maxPhones: CAP, cover: 'edge' }).filter((path) => !endsInDrain(path));
    const outcomes: Outcome[] = [];
    await runPaths(paths, optionsOf(relay, timerMs), (outcome) => void outcomes.push(outcome));
    expect(failuresIn(outcomes)).toEqual([]);
  });
});

test('and those that end in a drain', async () => {
  const timerMs = 600_000;
  await withRelay({ maxPhones: CAP, graceMs: timerMs, probeTimeoutMs: timerMs }, {}, async (relay) => {
    const paths = coverPaths(modelGraph(CAP), 'edge').filter((path) => endsInDrain(path) && !waits(path));
    let stopped: Promise<void> | undefined;
    const outcomes = await runDrainPaths(paths, optionsOf(relay, timerMs), async () => {
      // Ends when the peers of the paths have answered.
      stopped = relay.stop();
    });
    expect(failuresIn(outcomes)).toEqual([]);
    await stopped;
  });
});

// Most of the time they wait for a timer.
describe.concurrent('played', () => {
  test.each(SITUATIONS)('$name', async ({ play }) => await play());
});

test.each(Object.values(WATCHED).map(({ machine }) => machine.id))(
  '%s: every transition and every outcome of a guard, but for what is named',
  (id) => {
    const report = reports().find(({ machine }) => machine.id === id)?.report;
    // What is exercised after all is no exception.
    const needless = report?.needless.map((name) => `exception that is not needed: ${name}`);
    expect([...(report === undefined ? ['no report'] : uncovered(report)), ...(needless ?? [])]).toEqual([]);
  },
);

test('the files that the reasons name are there', () => {
  const reasons = Object.values(EXCEPTIONS).flatMap((each) => Object.values(each));
  const named = new Set(reasons.flatMap((reason) => reason.match(/(?:src|test)\/\S+\.ts/g) ?? []));
  expect(named.size).toBeGreaterThan(5);
  for (const file of named) expect(existsSync(new URL(`../../${file}`, import.meta.url)), file).toBe(true);
});
