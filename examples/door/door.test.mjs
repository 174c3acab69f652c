/** The chart of the door is the model, and `Door` the program that is tested. docs/testing.md explains each part. */
import {
  assertWalks,
  ChartCoverage,
  chartDriver,
  chartMutants,
  checkInvariants,
  describePaths,
  drivePath,
  explore,
  modelPath,
  modelPaths,
  Oracle,
  possiblePairs,
  reportCoverage,
  runMutants,
  startKey,
  uncovered,
} from 'pyrycode-relay/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Door } from './door.mjs';
import { CODE, doorMachine } from './door-machine.mjs';

/** @typedef {typeof doorMachine} Chart */
/** @typedef {import('xstate').SnapshotFrom<Chart>} State */
/** @typedef {import('xstate').EventFromLogic<Chart>} Event */

/**
 * The events to try, with their data: a guard needs a code that it accepts, and one that it does not.
 * @type {import('pyrycode-relay/testing').ModelPathsOptions<Chart>}
 */
const paths = {
  events: [
    { type: 'code.entered', code: CODE },
    { type: 'code.entered', code: '0000' },
    { type: 'door.held' },
    { type: 'door.closed' },
  ],
  name: (event) => {
    if (event.type !== 'code.entered') return event.type;
    return event.code === CODE ? 'right code' : 'wrong code';
  },
  cover: 'pairs',
};

/** @type {import('pyrycode-relay/testing').Driver<Chart, Door>} */
const driver = {
  subject: () => new Door(),
  events: {
    'code.entered': (door, { trigger }) => door.enter(trigger.code),
    'door.held': (door) => door.hold(),
    'door.closed': (door) => door.close(),
  },
  wait: (_, ms) => void vi.advanceTimersByTime(ms),
  states: {
    locked: (door) => expect(door).toMatchObject({ isOpen: false, isBlocked: false }),
    open: (door) => expect(door).toMatchObject({ isOpen: true, isBlocked: false }),
    blocked: (door) => expect(door).toMatchObject({ isOpen: false, isBlocked: true }),
  },
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describePaths(doorMachine, { describe, test, paths, ...driver });

describe('faults in the program are found', () => {
  /** @type {[name: string, plant: (door: Door) => void][]} */
  const faults = [
    ['held open, it does not wait anew', (door) => void (door.hold = () => {})],
    ['a wrong code closes it', (door) => plant(door, (code) => code !== CODE && door.close())],
    ['it never blocks', (door) => plant(door, () => void (door.isBlocked = false))],
  ];
  /** @param {Door} door @param {(code: string) => void} afterwards */
  const plant = (door, afterwards) => {
    const enter = door.enter.bind(door);
    door.enter = (code) => {
      enter(code);
      afterwards(code);
    };
  };

  test.each(faults)('%s', async (_, plantIn) => {
    const subject = () => {
      const door = new Door();
      plantIn(door);
      return door;
    };
    const walk = async () => {
      for (const path of modelPaths(doorMachine, paths).paths) await drivePath(path, { ...driver, subject });
    };
    await expect(walk()).rejects.toThrow('→');
  });
});

/**
 * What the manual of the door says: the state after each event. Not made from the chart, so that it can judge the chart too.
 * @type {Oracle<State, string>}
 */
const manual = new Oracle([
  { event: 'right code', when: ({ value }) => value === 'locked', expected: 'open' },
  { event: 'right code', when: ({ value }) => value === 'open', expected: 'open' },
  { event: 'right code', expected: 'blocked' },
  {
    event: 'wrong code',
    when: ({ value, context }) => value === 'locked' && context.tries < 2,
    expected: 'locked',
  },
  { event: 'wrong code', when: ({ value }) => value === 'open', expected: 'open' },
  { event: 'wrong code', expected: 'blocked' },
  { event: 'door.held', when: ({ value }) => value === 'open', expected: 'open' },
  { event: 'door.held', when: ({ value }) => value === 'blocked', expected: 'blocked' },
  { event: 'door.held', expected: 'locked' },
  { event: 'door.closed', when: ({ value }) => value === 'blocked', expected: 'blocked' },
  { event: 'door.closed', expected: 'locked' },
  { event: 'after openTime', expected: 'locked' },
  { event: 'after blockTime', expected: 'locked' },
]);

test('the manual speaks of each event in each state, and of nothing else', () => {
  const questions = explore(doorMachine, paths).map(({ event, state }) => ({ event, from: state }));
  expect(manual.undecided(questions)).toEqual([]);
  expect(manual.unused(questions)).toEqual([]);
});

/** What holds in every state. @param {Chart} machine */
const findBrokenInvariant = (machine) =>
  checkInvariants(explore(machine, paths), {
    states: [{ name: 'at most two tries are counted', holds: ({ context }) => context.tries <= 2 }],
    steps: [
      {
        name: 'only the right code opens it',
        holds: ({ event, state, nextState }) =>
          nextState.value !== 'open' || state.value === 'open' || event === 'right code',
      },
    ],
    describe: ({ value }) => value,
  }).violations[0];

/**
 * What a path of the right chart finds wrong with another chart.
 * @param {Chart} machine
 * @param {import('pyrycode-relay/testing').ModelPath<Chart>} path
 */
const walkOn = async (machine, path) => {
  let before = path.steps[0]?.state;
  await drivePath(path, {
    ...chartDriver(machine),
    // Also called just before a timer fires, when the chart must still be in the state of before.
    states: { '*': (chart, { value }) => expect(chart.state.value).toBe(value) },
    check: (chart, { event }) => {
      if (before !== undefined) expect(chart.state.value).toBe(manual.expect(event, before));
      before = chart.state;
    },
  });
};

/** @param {Chart} machine */
const findWrongPath = async (machine) => {
  for (const path of modelPaths(doorMachine, paths).paths) await walkOn(machine, path);
};

const walks = {
  graph: explore(doorMachine, paths),
  start: startKey(doorMachine),
  key: (/** @type {string} */ key) => key,
  seed: 1,
};

/** @param {Chart} machine */
const findWrongWalk = async (machine) => {
  await assertWalks({
    ...walks,
    run: async (walk) => {
      const steps = walk.map(({ edge }) => edge);
      await walkOn(machine, modelPath(doorMachine, steps, paths));
    },
  });
};

test('faults in the chart are found, one only by walks', async () => {
  const layers = [
    { name: 'invariants', find: findBrokenInvariant },
    { name: 'paths', find: findWrongPath },
    { name: 'walks', find: findWrongWalk },
  ];
  const verdicts = await runMutants(doorMachine, chartMutants(doorMachine), layers);
  expect(verdicts.filter(({ kill }) => kill === undefined)).toEqual([]);
  const byWalks = verdicts.filter(({ kill }) => kill?.layer === 'walks');
  // Whether tries are forgotten shows three events later, and a pair is two.
  expect(byWalks.map(({ mutant }) => mutant)).toEqual([
    'door.locked on code.entered [0]: action forgetTries is left out',
  ]);
  expect(byWalks[0]?.kill?.how).toContain('wrong code x2, right code, door.closed, wrong code →');
});

test('random walks of the program', async () => {
  const run = async (
    /** @type {import('pyrycode-relay/testing').Walk<(typeof walks.graph)[number]>} */ walk,
  ) => {
    const steps = walk.map(({ edge }) => edge);
    await drivePath(modelPath(doorMachine, steps, paths), driver);
  };
  await assertWalks({ ...walks, run });
});

test('the paths exercise all of the chart', () => {
  const coverage = new ChartCoverage(doorMachine);
  for (const { steps } of modelPaths(doorMachine, paths).paths) coverage.takePath(steps);
  const exceptions = { 'blockTime of door.blocked: is cancelled': 'nothing else leaves this state' };
  const pairs = possiblePairs(doorMachine, walks.graph);
  const report = reportCoverage(coverage, { exceptions, pairs });
  expect(uncovered(report)).toEqual([]);
  expect(report.pairs?.missed).toEqual([]);
});
