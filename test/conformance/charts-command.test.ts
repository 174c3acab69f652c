/** `pyrycode-relay charts`. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { z } from 'zod';
import { ALL_CHARTS } from '../../src/machines/all-charts.ts';
import { chartParts } from '../../src/testing/chart-parts.ts';
import { runMain } from '../support/relay-process.ts';

const print = async (...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await runMain(['charts', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};

/** All that XState's config has in JSON: what an importer does not know, it drops or rejects. */
const oneOrMore = <T extends z.ZodType>(one: T) => z.union([one, z.array(one)]);
const Named = z.union([
  z.string(),
  z.strictObject({ type: z.string(), params: z.record(z.string(), z.unknown()).optional() }),
]);
const Transition = z.strictObject({
  target: z.string().optional(),
  guard: Named.optional(),
  actions: oneOrMore(Named).optional(),
  reenter: z.boolean().optional(),
});
const Transitions = oneOrMore(z.union([z.string(), Transition]));
const State = z.strictObject({
  description: z.string(),
  type: z.literal('final').optional(),
  initial: z.string().optional(),
  entry: oneOrMore(Named).optional(),
  exit: oneOrMore(Named).optional(),
  always: Transitions.optional(),
  on: z.record(z.string(), Transitions).optional(),
  after: z.record(z.string(), Transitions).optional(),
  get states() {
    return z.record(z.string(), State).optional();
  },
});
const Chart = State.extend({
  id: z.string(),
  invoke: oneOrMore(z.strictObject({ id: z.string(), systemId: z.string(), src: z.string() })).optional(),
});

test.each(ALL_CHARTS.map(({ id }) => id))('the JSON of %s has nothing but what a config has', async (id) => {
  Chart.parse(JSON.parse(await print(id, '--format', 'json')));
});

test('the JSON makes a machine with the same states, transitions, guards and timers', async () => {
  const configs = JSON.parse(await print('--format', 'json')) as Readonly<Record<string, object>>;
  expect(Object.keys(configs)).toEqual(ALL_CHARTS.map(({ id }) => id));
  for (const machine of ALL_CHARTS) {
    const config = configs[machine.id];
    if (config === undefined) throw new Error(`no ${machine.id}`);
    expect(chartParts(createMachine(config))).toEqual(chartParts(machine));
    // Descriptions and names of actions are kept, data and code are not.
    expect(JSON.stringify(config)).toContain(machine.root.description);
  }
  expect(JSON.stringify(configs['server'])).toContain(
    '"type":"evictPhones","params":{"close":{"closeCode":4404',
  );
  expect(JSON.parse(await print('relay', '--format', 'json'))).toEqual(configs['relay']);
});

test('text has a line for each transition, Mermaid is the drawing', async () => {
  const text = await print('server');
  expect(text).toContain(
    '\nserver.claimed.grace\n  binary.claimed → server.claimed.held\n  phone.ended [registeredUnderThisBinary] → itself\n',
  );
  expect(text).toContain('\n  after gracePeriod → server.released\n');
  const drawing = readFileSync(new URL('../../diagrams/server.mmd', import.meta.url), 'utf8');
  expect(await print('server', '--format', 'mermaid')).toBe(drawing);
});

test('another chart, and two, are errors', async () => {
  for (const args of [['phone'], ['server', 'relay']]) {
    const { code, stderr } = await runMain(['charts', ...args]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(
        `charts takes one of server, connection, relay, certificate, push, wake, not "${args.at(-1)}"`,
      ),
    });
  }
  expect((await runMain(['charts', '--format', 'svg'])).stderr).toContain(
    '--format takes text or json or mermaid',
  );
  expect(await print('--help')).toContain('Usage: pyrycode-relay charts');
});
