/**
 * What the generated tests exercise of each chart: all of it. `npm run test:model -- --coverage` writes the report to
 * coverage/charts.
 */
import { afterAll, expect, test } from 'vitest';
import type { InspectionEvent } from 'xstate';
import { modelPaths } from '../../src/conformance/model.ts';
import { PAIR_EXCEPTIONS } from '../../src/conformance/pair-exceptions.ts';
import { chartSteps } from '../../src/conformance/path-coverage.ts';
import { ALL_CHARTS } from '../../src/machines/all-charts.ts';
import { certificateMachine } from '../../src/machines/certificate-machine.ts';
import { connectionMachine } from '../../src/machines/connection-machine.ts';
import { pushMachine } from '../../src/machines/push-machine.ts';
import { relayMachine } from '../../src/machines/relay-machine.ts';
import { serverMachine } from '../../src/machines/server-machine.ts';
import { wakeMachine } from '../../src/machines/wake-machine.ts';
import { MAX_WAKES_IN_FLIGHT, MIN_CREDENTIAL_USE_MS } from '../../src/protocol/push-limits.ts';
import { ChartCoverage, possiblePairs } from '../../src/testing/chart-coverage.ts';
import type { ChartPage } from '../../src/testing/coverage-page.ts';
import { reportCoverage, uncovered } from '../../src/testing/coverage-report.ts';
import { DENIED, PushRun, READY } from '../support/push-chart.ts';
import { explorePush } from '../support/push-model.ts';
import {
  CERTIFICATE_STARTS,
  exploreCertificate,
  exploreConnection,
  exploreRelay,
  exploreServers,
} from './explored-charts.ts';
import { writeCoverage } from './write-coverage.ts';

const pages: ChartPage[] = [];
afterAll(() => writeCoverage('charts', pages));

test('the server chart, and the pairs that the paths take', () => {
  const coverage = new ChartCoverage(serverMachine);
  const edges = exploreServers();
  coverage.takeSteps(edges);
  const steps = chartSteps(1);
  for (const path of modelPaths({ maxPhones: 1, cover: 'pairs' })) coverage.takePath(steps(path));
  const report = reportCoverage(coverage, {
    pairs: possiblePairs(serverMachine, edges),
    pairExceptions: PAIR_EXCEPTIONS,
  });
  pages.push({ machine: serverMachine, report });
  expect(uncovered(report)).toEqual([]);
  // No rule is for a pair that a path takes.
  expect(report.needless).toEqual([]);
});

test('the connection chart', () => {
  const coverage = new ChartCoverage(connectionMachine);
  coverage.takeSteps([...exploreConnection('phone'), ...exploreConnection('binary')]);
  const report = reportCoverage(coverage);
  pages.push({ machine: connectionMachine, report });
  expect(uncovered(report)).toEqual([]);
});

test('the relay chart', () => {
  const coverage = new ChartCoverage(relayMachine);
  coverage.takeSteps(exploreRelay().flat());
  const report = reportCoverage(coverage);
  pages.push({ machine: relayMachine, report });
  expect(uncovered(report)).toEqual([]);
});

test('the certificate chart', () => {
  const coverage = new ChartCoverage(certificateMachine);
  for (const input of CERTIFICATE_STARTS) coverage.takeStart(certificateMachine, input);
  coverage.takeSteps(exploreCertificate());
  const report = reportCoverage(coverage);
  pages.push({ machine: certificateMachine, report });
  expect(uncovered(report)).toEqual([]);
});

/** What two wakes do not show: push without a provider, no room left, what comes in the middle of a step, and a chart that throws. */
const runPushElsewhere = (inspect: (inspected: InspectionEvent) => void): void => {
  const off = new PushRun({ isOn: false }, inspect);
  off.admit();
  off.change(false);
  off.change(true);
  off.admit(MAX_WAKES_IN_FLIGHT + 1);
  off.fetched({ kind: 'ready', expiresInMs: 1 });
  off.admit();
  off.advance(MIN_CREDENTIAL_USE_MS);
  off.admit();
  off.end();
  const denied = new PushRun({}, inspect);
  denied.admit(MAX_WAKES_IN_FLIGHT);
  denied.push.on('credential.settled', () => denied.admit());
  denied.fetched(DENIED);
  const ending = new PushRun({}, inspect);
  ending.admit();
  ending.push.on('credential.settled', () => ending.admit());
  ending.end();
  const throwing = new PushRun(
    {
      machine: pushMachine.provide({
        actors: {
          wake: wakeMachine.provide({
            actions: {
              send: () => {
                throw new Error('planted');
              },
            },
          }),
        },
      }),
    },
    inspect,
  );
  throwing.admit();
  throwing.fetched(READY);
};

test('the charts of push and of its wakes', () => {
  const [push, wake] = [new ChartCoverage(pushMachine), new ChartCoverage(wakeMachine)];
  for (const isOn of [true, false]) push.takeStart(pushMachine, { isOn });
  const inspect = (inspected: InspectionEvent): void => {
    push.inspect(inspected);
    wake.inspect(inspected);
  };
  explorePush(undefined, inspect);
  runPushElsewhere(inspect);
  for (const coverage of [push, wake]) {
    const report = reportCoverage(coverage);
    pages.push({ machine: coverage.machine, report });
    expect(uncovered(report)).toEqual([]);
  }
});

test('no chart is left out', () => {
  expect(pages.map(({ machine }) => machine.id)).toEqual(ALL_CHARTS.map(({ id }) => id));
});
