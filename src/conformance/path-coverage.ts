/** What paths exercise of the server chart: each step on the wire is a step of the chart. */
import { serverMachine } from '../machines/server-machine.ts';
import { MAX_CLAIMANTS } from '../protocol/limits.ts';
import { ChartCoverage, type CoveredStep } from '../testing/chart-coverage.ts';
import type { Path } from './covers.ts';
import { MOST_PHONES_UNCAPPED, SHORT_LINE } from './model.ts';
import { exploreServer, situationOf } from './server-graph.ts';
import { describeSituation } from './wire-events.ts';

/** Finds the steps that the chart makes along a path of the model at this cap. */
export const chartSteps = (maxPhones: number): ((path: Path) => CoveredStep[]) => {
  const mostPhones = maxPhones > 0 ? maxPhones : MOST_PHONES_UNCAPPED;
  const edges = [
    ...exploreServer({ maxPhones: 1, mostPhones: 0, mostInLine: MAX_CLAIMANTS }),
    ...exploreServer({ maxPhones, mostPhones, mostInLine: SHORT_LINE }),
  ];
  const steps = new Map(
    edges.map((edge) => [`${describeSituation(situationOf(edge.state))}|${edge.event}`, edge]),
  );
  return (path) =>
    path.steps.map(({ from, event }) => {
      const step = steps.get(`${describeSituation(from)}|${event}`);
      if (step === undefined) throw new Error(`the chart has no "${event}" when ${describeSituation(from)}`);
      return step;
    });
};

export const coverageOf = (paths: readonly Path[], maxPhones: number): ChartCoverage => {
  const coverage = new ChartCoverage(serverMachine);
  const steps = chartSteps(maxPhones);
  for (const path of paths) coverage.takePath(steps(path));
  return coverage;
};
