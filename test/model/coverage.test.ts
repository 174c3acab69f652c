/**
 * What the generated tests exercise of each chart: all of it. `npm run test:model -- --coverage` writes the report to
 * coverage/charts.
 */
import { afterAll, expect, test } from 'vitest';
import { modelPaths } from '../../src/conformance/model.ts';
import { chartSteps } from '../../src/conformance/path-coverage.ts';
import { certificateMachine } from '../../src/machines/certificate-machine.ts';
import { connectionMachine } from '../../src/machines/connection-machine.ts';
import { relayMachine } from '../../src/machines/relay-machine.ts';
import { serverMachine } from '../../src/machines/server-machine.ts';
import { ChartCoverage, possiblePairs } from '../../src/testing/chart-coverage.ts';
import type { ChartPage } from '../../src/testing/coverage-page.ts';
import { reportCoverage, uncovered } from '../../src/testing/coverage-report.ts';
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
  const report = reportCoverage(coverage, { pairs: possiblePairs(serverMachine, edges) });
  pages.push({ machine: serverMachine, report });
  expect(uncovered(report)).toEqual([]);
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
