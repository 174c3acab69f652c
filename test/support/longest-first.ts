/** The order of test files: those that take longest begin first, so that none of them is left alone at the end. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Each took more than 20 s on two cores. Some compute and some wait: they are mixed, so that neither comes alone. */
const LONGEST = [
  'test/model/mutants.test.ts',
  'test/integration/installation.test.ts',
  'test/integration/reconnect-storm.test.ts',
  'test/conformance/command.test.ts',
  'test/mutants/transport-mutants.test.ts',
  'test/integration/slow-links.test.ts',
  'test/integration/log-floods.test.ts',
  'test/integration/proxies.test.ts',
  'test/conformance/differences.test.ts',
  'test/integration/image.test.ts',
  'test/soak/soak.test.ts',
  'test/integration/slow-stdout.test.ts',
  'test/model/wire.test.ts',
  'test/integration/signals.test.ts',
  'test/integration/probe.test.ts',
  'test/inspect/replay-limits.test.ts',
  'test/tls/slow-links.test.ts',
  'test/conformance/timers.test.ts',
  'test/inspect/page.test.ts',
  'test/integration/backpressure.test.ts',
  'test/inspect/page-chart.test.ts',
  'test/load/load.test.ts',
  'test/tls/backpressure.test.ts',
  'test/model/system-graph.test.ts',
  'test/conformance/go-relay.test.ts',
  'test/conformance/coverage.test.ts',
  'test/model/push-model.test.ts',
];

const rankOf = ({ moduleId }: TestSpecification): number => {
  const rank = LONGEST.findIndex((file) => moduleId.endsWith(`/${file}`));
  return rank === -1 ? LONGEST.length : rank;
};

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}
