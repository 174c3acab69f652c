/**
 * What the generated paths exercise of the charts of a relay that runs: over real sockets, and inspected. What they cannot is
 * named with its reason.
 */
import { existsSync } from 'node:fs';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import type { InspectionEvent } from 'xstate';
import type { Outcome, RunOptions } from '../../src/conformance/attempt-path.ts';
import { coverPaths, type Path } from '../../src/conformance/covers.ts';
import { failureLines } from '../../src/conformance/failure-kinds.ts';
import { modelGraph, modelPaths } from '../../src/conformance/model.ts';
import { runDrainPaths } from '../../src/conformance/run-drain.ts';
import { runPaths } from '../../src/conformance/run-paths.ts';
import { TIMED_EVENTS } from '../../src/conformance/wire-events.ts';
import { connectionMachine } from '../../src/machines/connection-machine.ts';
import { relayMachine } from '../../src/machines/relay-machine.ts';
import { serverMachine } from '../../src/machines/server-machine.ts';
import { ChartCoverage } from '../../src/testing/chart-coverage.ts';
import { reportCoverage, uncovered } from '../../src/testing/coverage-report.ts';
import { TestRelay } from '../support/relay.ts';
import { CONNECTION_EXCEPTIONS, RELAY_EXCEPTIONS, SERVER_EXCEPTIONS } from './wire-exceptions.ts';
import { writeCoverage } from './write-coverage.ts';

const watched = vi.hoisted(() => {
  const inspect: (inspected: InspectionEvent) => void = () => {};
  return { inspect };
});
vi.mock('../../src/create-root.ts', async (original) => {
  const { createRoot } = await original<typeof import('../../src/create-root.ts')>();
  const createInspected: typeof createRoot = (...args) => {
    const root = createRoot(...args);
    root.system.inspect((inspected) => watched.inspect(inspected));
    return root;
  };
  return { createRoot: createInspected };
});

const CAP = 2;

const server = new ChartCoverage(serverMachine);
const connection = new ChartCoverage(connectionMachine);
const relayChart = new ChartCoverage(relayMachine);
watched.inspect = (inspected) => {
  for (const coverage of [server, connection, relayChart]) coverage.inspect(inspected);
};

let relay: TestRelay;
const start = async (timerMs: number): Promise<RunOptions> => {
  relay = await TestRelay.start({ maxPhones: CAP, graceMs: timerMs, probeTimeoutMs: timerMs });
  return {
    base: relay.url,
    graceMs: timerMs,
    probeTimeoutMs: timerMs,
    patienceMs: 10_000,
    parallel: 32,
    profile: 'strict',
    limits: { maxPhones: CAP, maxLine: 16 },
  };
};

const failuresIn = (outcomes: readonly Outcome[]): string[] =>
  failureLines(outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [outcome.failure] : [])));

const endsInDrain = (path: Path): boolean => path.steps.at(-1)?.event === 'drain';
const waits = ({ steps }: Path): boolean => steps.some(({ event }) => TIMED_EVENTS.has(event));

afterEach(async () => await relay.dispose());
afterAll(() =>
  writeCoverage('sockets', [
    { machine: serverMachine, report: serverReport() },
    { machine: connectionMachine, report: connectionReport() },
    { machine: relayMachine, report: relayReport() },
  ]),
);

const serverReport = () => reportCoverage(server, { exceptions: SERVER_EXCEPTIONS });
const connectionReport = () => reportCoverage(connection, { exceptions: CONNECTION_EXCEPTIONS });
const relayReport = () => reportCoverage(relayChart, { exceptions: RELAY_EXCEPTIONS });

test('the paths pass', async () => {
  // Long enough for seventeen claims on a slow machine: a path that overruns it is skipped, and would be missed.
  const options = await start(6_000);
  const paths = modelPaths({ maxPhones: CAP, cover: 'edge' }).filter((path) => !endsInDrain(path));
  const outcomes: Outcome[] = [];
  await runPaths(paths, options, (outcome) => void outcomes.push(outcome));
  expect(failuresIn(outcomes)).toEqual([]);
}, 120_000);

test('and those that end in a drain', async () => {
  const options = await start(600_000);
  const paths = coverPaths(modelGraph(CAP), 'edge').filter((path) => endsInDrain(path) && !waits(path));
  let stopped: Promise<void> | undefined;
  const outcomes = await runDrainPaths(paths, options, async () => {
    // Ends when the peers of the paths have answered.
    stopped = relay.stop();
  });
  expect(failuresIn(outcomes)).toEqual([]);
  await stopped;
}, 60_000);

// An exception that was not needed is no fault: a slow machine may be slow enough for a heartbeat.
test('every transition and every outcome of a guard, but for what is named', () => {
  expect(uncovered(serverReport())).toEqual([]);
  expect(uncovered(connectionReport())).toEqual([]);
  expect(uncovered(relayReport())).toEqual([]);
});

test('the tests that the reasons name are there', () => {
  const reasons = [SERVER_EXCEPTIONS, CONNECTION_EXCEPTIONS, RELAY_EXCEPTIONS].flatMap((each) =>
    Object.values(each),
  );
  const named = new Set(reasons.flatMap((reason) => reason.match(/test\/\S+\.test\.ts/g) ?? []));
  expect(named.size).toBeGreaterThan(5);
  for (const file of named) expect(existsSync(new URL(`../../${file}`, import.meta.url)), file).toBe(true);
});
