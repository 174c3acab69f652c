/** Paths with timers: which can happen, how long they wait, and what a mistake of the caller says. */
import { expect, test } from 'vitest';
import { assign, fromPromise, setup } from 'xstate';
import { ChartSubject } from '../../src/testing/chart-subject.ts';
import { describePaths } from '../../src/testing/describe-paths.ts';
import { chartDriver, drivePath } from '../../src/testing/drive-path.ts';
import { explore } from '../../src/testing/explore.ts';
import { type ModelPathsOptions, modelPaths } from '../../src/testing/model-paths.ts';
import { createTimedTestModel } from '../../src/testing/timed-test-model.ts';

const lamp = setup({
  types: { events: {} as { type: 'pressed' } },
  delays: { dimTime: 20, offTime: 50 },
}).createMachine({
  id: 'lamp',
  initial: 'off',
  states: {
    off: { on: { pressed: 'on' } },
    on: {
      after: { offTime: 'off' },
      on: { pressed: 'off' },
      initial: 'bright',
      states: { bright: { after: { dimTime: 'dim' } }, dim: {} },
    },
  },
});

test('a timer is an event of the states in which it runs', () => {
  const edges = explore(lamp).map(({ state, event }) => [JSON.stringify(state.value), event].join(' '));
  expect(edges).toEqual([
    '"off" pressed',
    '{"on":"bright"} pressed',
    '{"on":"bright"} after offTime',
    '{"on":"bright"} after dimTime',
    '{"on":"dim"} pressed',
    '{"on":"dim"} after offTime',
  ]);
});

test('steps wait as long as the timers take; a path in which timers overtake each other is impossible', () => {
  const { paths, impossible } = modelPaths(lamp);
  const waits = paths.map(({ name, steps, quietMs }) => [name, steps.map(({ waitMs }) => waitMs), quietMs]);
  expect(waits).toEqual([
    ['pressed', [1], undefined],
    ['pressed x2', [1, 1], 30],
    ['pressed, after dimTime', [1, 20], undefined],
    ['pressed, after dimTime, pressed', [1, 20, 1], 30],
    ['pressed, after dimTime, after offTime', [1, 20, 30], 30],
  ]);
  expect(impossible.map(({ name }) => name)).toEqual(['pressed, after offTime']);
  expect(impossible[0]?.why).toBe(
    'xstate.after.dimTime.lamp.on.bright is due before xstate.after.offTime.lamp.on',
  );
});

test('an event that the chart does not have is a type error, and the chart passes over it', () => {
  const chart = new ChartSubject(lamp, undefined);
  // @ts-expect-error: the lamp has `pressed`.
  chart.take({ type: 'pressd' });
  expect(chart.state.value).toBe('off');
  chart.take({ type: 'pressed' });
  chart.take({ type: 'xstate.after.dimTime.lamp.on.bright' });
  chart.take({ type: 'xstate.after.offTime.lamp.on' });
  expect([chart.state.value, chart.clock.nowMs]).toEqual(['off', 50]);
  chart.stop();
});

test('two states that share a delay have two timers', () => {
  const blinker = setup({ delays: { halfTime: 5 } }).createMachine({
    id: 'blinker',
    initial: 'left',
    states: { left: { after: { halfTime: 'right' } }, right: { after: { halfTime: 'left' } } },
  });
  expect(explore(blinker).map(({ event }) => event)).toEqual([
    'after halfTime in blinker.left',
    'after halfTime in blinker.right',
  ]);
});

const counter = setup({
  types: { context: {} as { n: number }, events: {} as { type: 'up' } | { type: 'asked' } },
  guards: { isThree: ({ context }) => context.n === 3 },
  actions: { count: assign({ n: ({ context }) => context.n + 1 }) },
}).createMachine({
  id: 'counter',
  context: { n: 0 },
  initial: 'low',
  states: {
    low: { on: { up: [{ guard: 'isThree', target: 'high' }, { actions: 'count' }] } },
    high: { on: { asked: 'low' } },
  },
});

test('a key that leaves out what matters is an error', () => {
  // 0 and 1 look alike, and one more is 1 or 2.
  expect(() =>
    modelPaths(counter, { cover: 'pairs', key: ({ value, context }) => `${value} ${context.n > 1}` }),
  ).toThrow(
    'up x2: the key calls two states the same that differ in what follows: expected low false, got low true',
  );
});

test('a chart without bound is an error that shows what grows', () => {
  const endless = setup({
    types: { context: {} as { n: number }, events: {} as { type: 'up' } },
    actions: { count: assign({ n: ({ context }) => context.n + 1 }) },
  }).createMachine({ id: 'endless', context: { n: 0 }, on: { up: { actions: 'count' } } });
  expect(() => explore(endless, { limit: 100 })).toThrow(
    /^the graph of "endless" has more edges than the limit of 100; the last of its states is \[\{\},\{"n":100\},.*`key`/,
  );
  expect(explore(endless, { limit: 1, key: () => '' })).toHaveLength(1);
});

test('what a compiler would say of a wrong option is said without one', () => {
  const options = (json: string): ModelPathsOptions<typeof lamp> => JSON.parse(json);
  expect(() => modelPaths(lamp, options('{"cover":"pair"}'))).toThrow(
    'cover takes edge or pairs, not "pair"',
  );
  for (const [events, shown] of [
    ['"open"', '"open"'],
    ['["open"]', '"open"'],
    ['[{"typ":"open"}]', '{"typ":"open"}'],
  ] as const) {
    expect(() => modelPaths(lamp, options(`{"events":${events}}`))).toThrow(
      `\`events\` of "lamp" are a list of objects with a \`type\`, or a function that returns one, not ${shown}`,
    );
  }
});

test('states that differ in a map or a set are not the same', () => {
  const reader = setup({
    types: { context: {} as { seen: ReadonlySet<string>; by: ReadonlyMap<string, number> } },
    guards: { isNew: ({ context }) => context.seen.size === 0 },
    actions: { see: assign({ seen: new Set(['a']) }), count: assign({ by: new Map([['a', 1]]) }) },
  }).createMachine({
    id: 'reader',
    context: { seen: new Set(), by: new Map() },
    on: { seen: { guard: 'isNew', actions: 'see' }, counted: { actions: 'count' } },
  });
  expect(new Set(explore(reader).map(({ from }) => from)).size).toBe(4);
});

test('a chart that cannot start is an error, not a chart without paths', () => {
  const needy = setup({ types: { input: {} as { n: number } } }).createMachine({
    id: 'needy',
    context: ({ input }) => ({ n: input.n }),
    on: { asked: {} },
  });
  expect(() => modelPaths(needy)).toThrow(
    /^the chart "needy" cannot start: .*'n'.*; it was given no `input`$/,
  );
});

/** Collects what `describePaths` makes, and runs it. */
const run = async (options: Partial<Parameters<typeof describePaths<typeof counter, unknown>>[1]>) => {
  const bodies: (() => Promise<void>)[] = [];
  describePaths(counter, {
    describe: (_, body) => body(),
    test: (_, body) => bodies.push(body),
    subject: () => undefined,
    ...options,
  });
  const results = await Promise.allSettled(bodies.map(async (body) => await body()));
  return results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
};

test('a forgotten event, a stale reason and a missing performer are named', async () => {
  const perform = (): void => {};
  const forgotten = 'counter.high on asked [0] → counter.low';
  const events = [{ type: 'up' }] as const;
  expect(await run({ perform })).toEqual([]);
  expect(await run({ perform, paths: { events } })).toEqual([
    expect.stringContaining(`no path takes ${forgotten}`),
  ]);
  expect(await run({ perform, paths: { events }, untaken: { [forgotten]: 'nobody asks' } })).toEqual([]);
  expect(await run({ perform, untaken: { [forgotten]: 'nobody asks' } })).toEqual([
    expect.stringContaining('some path takes'),
  ]);
  const failures = await run({ events: { up: () => {} } });
  expect(failures.at(-1)).toBe("Error: up x4, asked → the driver has no events['asked'], and no `perform`");
});

test('a timer that is too short, or not stopped, shows just before the right one is due', async () => {
  const paths = modelPaths(lamp).paths;
  const walk = async (slower: number): Promise<void> => {
    const other = lamp.provide({ delays: { dimTime: slower } });
    for (const path of paths) {
      await drivePath(path, {
        ...chartDriver(other),
        states: { '*': (chart, { value }) => expect(chart.state.value).toEqual(value) },
      });
    }
  };
  await expect(walk(20)).resolves.toBeUndefined();
  await expect(walk(19)).rejects.toThrow('pressed, after dimTime →');
  await expect(walk(21)).rejects.toThrow('pressed, after dimTime →');
});

test('a key that hides a part of the chart is named as a cause', async () => {
  // No two walks differ: of all that counts up, the key keeps only the first.
  const [failure] = await run({ perform: () => {}, paths: { key: ({ value }) => value } });
  expect(failure).toContain('counter.low on up [0] → counter.high');
  expect(failure).toContain('`paths.key` what matters');
});

test('a check for a state that the chart does not have is an error: it would never be called', async () => {
  const error = '`states` names on.brigt, but "lamp" has off, on, on.bright, on.dim';
  const states = { 'on.brigt': () => {} };
  const runner = { describe: (_: string, body: () => void) => body(), test: () => {} };
  expect(() => describePaths(lamp, { ...runner, ...chartDriver(lamp), states })).toThrow(error);
  const [path] = createTimedTestModel(lamp).getEdgePaths();
  await expect(path?.test({ states })).rejects.toThrow(error);
  for (const name of ['on.bright', '#lamp.on', '#lamp', '*']) {
    describePaths(lamp, { ...runner, ...chartDriver(lamp), states: { [name]: () => {} } });
  }
});

test('what a chart throws is the failure, not a silence', async () => {
  const broken = lamp.provide({
    delays: {
      dimTime: () => {
        throw new Error('no such setting');
      },
    },
  });
  const [path] = modelPaths(lamp).paths;
  if (path === undefined) throw new Error('there are paths');
  await expect(drivePath(path, chartDriver(broken))).rejects.toThrow('pressed → no such setting');
});

test('the timed model has the paths of createTestModel, and waits', async () => {
  const model = createTimedTestModel(lamp);
  expect(model.getShortestPaths().map(({ description }) => description)).toEqual([
    'pressed',
    'pressed, after dimTime',
  ]);
  expect(model.getEdgePaths()).toHaveLength(5);
  expect(model.getPairPaths().length).toBeGreaterThan(5);
  const seen: string[] = [];
  await model.getShortestPaths()[1]?.test({
    events: { pressed: () => void seen.push('pressed') },
    wait: (ms) => void seen.push(`${ms} ms`),
    states: {
      off: () => void seen.push('off'),
      'on.bright': () => void seen.push('bright'),
      '#lamp.on.dim': () => void seen.push('dim'),
    },
  });
  expect(seen).toEqual(['off', '1 ms', 'pressed', 'bright', '19 ms', 'bright', '1 ms', 'dim']);
  await expect(model.getShortestPaths()[0]?.test({ wait: () => {} })).rejects.toThrow(
    "there is no events['pressed']",
  );
});

test('what an invoked actor tells is tried where the actor runs, and nowhere else', () => {
  const loader = setup({
    actors: { load: fromPromise(async () => await new Promise<never>(() => {})) },
  }).createMachine({
    id: 'loader',
    initial: 'idle',
    states: {
      idle: { on: { go: 'loading' } },
      loading: {
        invoke: { id: 'load', src: 'load', onError: 'idle' },
        initial: 'waiting',
        onDone: 'loaded',
        states: { waiting: { on: { 'xstate.done.actor.load': 'shown' } }, shown: { type: 'final' } },
      },
      loaded: { type: 'final' },
    },
  });
  expect(modelPaths(loader).paths.map(({ name }) => name)).toEqual([
    'go',
    'go x2',
    'go, xstate.error.actor.load',
    'go, xstate.done.actor.load',
  ]);
});

test('what performs an event of the timed model is typed by it', async () => {
  const till = setup({
    types: {
      context: {} as { total: number },
      events: {} as { type: 'added'; price: number } | { type: 'paid' },
    },
    actions: { add: assign({ total: (_, { price }: { readonly price: number }) => price }) },
  }).createMachine({
    id: 'till',
    context: { total: 0 },
    on: { added: { actions: { type: 'add', params: ({ event }) => event } }, paid: {} },
  });
  const prices: number[] = [];
  for (const path of createTimedTestModel(till, {
    events: [{ type: 'added', price: 7 }],
  }).getShortestPaths()) {
    await path.test({ events: { added: ({ trigger }) => void prices.push(trigger.price) } });
  }
  expect(prices).toEqual([7]);
});
