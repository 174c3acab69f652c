/** Tests from a chart, also from one with timers: paths, table of expectations, invariants, walks, planted faults, coverage. */
export { ChartCoverage, type CoveredStep, possiblePairs } from './chart-coverage.ts';
export { chartMutants } from './chart-mutants.ts';
export { ChartSubject, OutOfTurn } from './chart-subject.ts';
export { type TransitionCoverage, transitionCoverage } from './chart-transitions.ts';
export { type ChartPage, coveragePage } from './coverage-page.ts';
export {
  type ChartReport,
  type CoveragePart,
  coverageJson,
  coverageText,
  type ReportOptions,
  reportCoverage,
  uncovered,
} from './coverage-report.ts';
export {
  COVERS,
  type Cover,
  type CoverOptions,
  coverPaths,
  describeEvents,
  describePath,
  type Edge,
  type Path,
} from './covers.ts';
export { type DescribePathsOptions, describePaths, type Runner } from './describe-paths.ts';
export { chartDriver, type Driver, drivePath, type Perform, type Performers } from './drive-path.ts';
export { DrivenClock } from './driven-clock.ts';
export {
  type ArmedTimer,
  type ChartEdge,
  type ExploreOptions,
  explore,
  startKey,
  stateKey,
} from './explore.ts';
export {
  type CheckedStep,
  checkInvariants,
  type InvariantOptions,
  type InvariantReport,
  type StateInvariant,
  type StepInvariant,
} from './invariants.ts';
export {
  type ModelPath,
  type ModelPaths,
  type ModelPathsOptions,
  type ModelStep,
  modelPath,
  modelPaths,
} from './model-paths.ts';
export { type Kill, killedBy, type Layer, type Mutant, runMutants, type Verdict } from './mutants.ts';
export { Oracle, type OracleRow, type Question } from './oracle.ts';
export { type PlainConfig, type PlainValue, plainConfig } from './plain-config.ts';
export { type PureStep, pureLogic, stepPurely } from './pure-logic.ts';
export {
  createTimedTestModel,
  type TestParams,
  type TestPath,
  type TimedTestModel,
} from './timed-test-model.ts';
export {
  assertWalks,
  describeWalk,
  findFailingWalk,
  type Walk,
  type WalkFailure,
  type WalkOptions,
  type WalkStep,
} from './walks.ts';
