/** The soak finds nothing wrong in our relay under its faults, and each fault of a relay that makes one; load.test.ts has more kinds. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { risen } from '../../soak/level.js';
import { planFaults } from '../../soak/plan.js';
import { type Fault, startFaultyProxy } from '../load/faulty-proxy.ts';
import { outcomeOf, runTool } from '../load/run-tool.ts';
import { RelayProcess } from '../support/relay-process.ts';

/** As `--help` says that another relay must be started. */
const FLAGS = ['--grace', '3s', '--probe-timeout', '2s'];

test('our relay passes under faults, with reloads and a restart', async () => {
  const { code, result } = await outcomeOf('soak', ['--minutes', '0.3', '--seed', '7', '--server-ids', '15']);
  expect({ notes: result.notes, problems: result.problems }).toEqual({ notes: [], problems: [] });
  expect({ code, ok: result.ok }).toEqual({ code: 0, ok: true });
  expect(result.relay).toMatchObject({ reloads: 4, restarts: 1 });
  expect(Object.keys(result.happened).length).toBeGreaterThan(8);
  const { sent = 0, received = 0, excused = 0, lost } = result.frames;
  expect({ lost, accounted: received + excused }).toEqual({ lost: 0, accounted: sent });
  // Most of it arrived: what is excused was on its way to somebody who was closed.
  expect(excused).toBeLessThan(sent / 4);
});

let relay: RelayProcess;
beforeAll(async () => {
  relay = await RelayProcess.start(FLAGS);
});
afterAll(async () => void (await relay.stop()));

const NOTHING = { lost: 0, reordered: 0, duplicated: 0, foreign: 0, unclean: 0, untold: 0 };

test.each<[Fault, Partial<typeof NOTHING>, number]>([
  ['drop', { lost: 1 }, 300],
  ['misroute', { foreign: 1, lost: 1 }, 300],
  ['cut', { unclean: 1 }, 300],
  ['unnoticed', { untold: 1 }, 1],
  ['miscode', { unclean: 1 }, 0],
])('a relay that does %s once fails', async (fault, counted, number) => {
  const proxy = await startFaultyProxy(Number(relay.url.split(':').at(-1)), fault, number);
  try {
    const { code, result } = await outcomeOf('soak', [
      ...['--target', `ws://127.0.0.1:${proxy.port}`, '--minutes', '0.08', '--seed', '3'],
      ...['--server-ids', '6', '--patience', '4'],
    ]);
    expect(proxy.isDone()).toBe(true);
    const { lost, reordered, duplicated, foreign } = result.frames;
    const { unclean_closes: unclean, untold_binaries: untold } = result;
    const found = { lost, reordered, duplicated, foreign, unclean, untold };
    expect({ found, notes: result.notes }).toMatchObject({ found: { ...NOTHING, ...counted } });
    expect({ code, ok: result.ok }).toEqual({ code: 1, ok: false });
  } finally {
    proxy.stop();
  }
});

test('the seed alone decides the plan', () => {
  const size = { serverIds: 20, phones: 2 };
  const plan = planFaults(5, 60_000, size);
  expect(planFaults(5, 60_000, size)).toEqual(plan);
  expect(planFaults(6, 60_000, size).digest).not.toBe(plan.digest);
  expect(plan.steps.map(({ atMs }) => atMs)).toEqual(
    plan.steps.map(({ atMs }) => atMs).sort((a, b) => a - b),
  );
});

test('a level that has risen is named', () => {
  const before = { descriptors: 20, series: { queue: 0, timers: 3 } };
  expect(risen(before, { descriptors: 22, series: { queue: 0, timers: 2 } })).toEqual([]);
  expect(risen(before, { descriptors: 40, series: { queue: 7, timers: 3, actors: 1 } })).toEqual([
    'queue: 0 before, 7 after',
    'actors: 0 before, 1 after',
    'descriptors: 20 before, 40 after',
  ]);
});

test('exits with 2 for a wrong command line', async () => {
  const { code, stderr } = await runTool('soak', ['--minutes', 'soon']);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'soak: --minutes takes 0.05 to 100000 minutes, not "soon"\n',
  });
});
