/** A reload puts everything in force, or nothing. */
import { expect, test } from 'vitest';
import { ConfigError, completeConfig } from '../../src/config/read-config.ts';
import { createReload } from '../../src/config/reload.ts';
import type { Reloadable } from '../../src/config/reloadable.ts';
import { ReloadRequests } from '../../src/reload-requests.ts';

const CONFIG = completeConfig({});

/** A part whose preparation ends when it is told to. Notes what happens to it. */
const slowPart = (name: string, notes: string[]) => {
  let finish: (fault?: Error) => void = () => {};
  const part: Reloadable = {
    prepare: async ({ maxPhones }) => {
      notes.push(`${name} prepares ${maxPhones}`);
      await new Promise<void>((resolve, reject) => {
        finish = (fault) => (fault === undefined ? resolve() : reject(fault));
      });
      return () => {
        notes.push(`${name} applies ${maxPhones}`);
        return [`${name} is ${maxPhones}`];
      };
    },
  };
  return { part, finish: (fault?: Error) => finish(fault) };
};

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
};

test('all parts prepare before any of them applies', async () => {
  const notes: string[] = [];
  const [one, two] = [slowPart('one', notes), slowPart('two', notes)];
  const reload = createReload(CONFIG, [one.part, two.part]);
  const done = reload({ ...CONFIG, maxPhones: 1 });
  await settled();
  one.finish();
  await settled();
  expect(notes).toEqual(['one prepares 1', 'two prepares 1']);
  two.finish();
  expect((await done).changed).toEqual(['one is 1', 'two is 1']);
});

test('no part applies if one of them refuses, and the next reload goes on', async () => {
  const notes: string[] = [];
  const [one, two] = [slowPart('one', notes), slowPart('two', notes)];
  const reload = createReload(CONFIG, [one.part, two.part]);
  const refused = reload({ ...CONFIG, maxPhones: 1 });
  await settled();
  one.finish();
  two.finish(new ConfigError('tokens:3: no token'));
  await expect(refused).rejects.toThrow('tokens:3: no token');
  const again = reload({ ...CONFIG, maxPhones: 2 });
  await settled();
  one.finish();
  two.finish();
  await again;
  expect(notes.filter((note) => note.includes('applies'))).toEqual(['one applies 2', 'two applies 2']);
});

test('a reload begins when the one before has ended', async () => {
  const notes: string[] = [];
  const one = slowPart('one', notes);
  const reload = createReload(CONFIG, [one.part]);
  const both = [reload({ ...CONFIG, maxPhones: 1 }), reload({ ...CONFIG, maxPhones: 2 })];
  await settled();
  one.finish();
  await both[0];
  await settled();
  one.finish();
  await both[1];
  expect(notes).toEqual(['one prepares 1', 'one applies 1', 'one prepares 2', 'one applies 2']);
});

test('names each time what differs from the start and needs a restart', async () => {
  const reload = createReload(CONFIG, []);
  expect(await reload(CONFIG)).toEqual({ changed: [], needRestart: [] });
  const next = {
    ...CONFIG,
    graceMs: 1,
    metricsListen: { host: '127.0.0.1', port: 9_090 },
    logLevel: 'warn',
  } as const;
  for (const _ of [1, 2]) expect(await reload(next)).toEqual({ changed: [], needRestart: ['--grace'] });
  expect((await reload({ ...next, metricsListen: null })).needRestart).toEqual([
    '--metrics-listen',
    '--grace',
  ]);
});

test('of requests that come while one is served, one more is served', async () => {
  const ends: (() => void)[] = [];
  const requests = new ReloadRequests(() => new Promise<void>((resolve) => ends.push(resolve)));
  requests.ask();
  expect(ends).toHaveLength(0);
  requests.begin();
  expect(ends).toHaveLength(1);
  requests.ask();
  requests.ask();
  expect(ends).toHaveLength(1);
  ends[0]?.();
  await settled();
  expect(ends).toHaveLength(2);
  ends[1]?.();
  await settled();
  expect(ends).toHaveLength(2);
  requests.ask();
  expect(ends).toHaveLength(3);
});
