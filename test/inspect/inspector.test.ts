/** Cost of watching: none without watchers, and a slow page is skipped. */
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { FULL_WATCHER_BYTES, ROWS_PER_UPDATE } from '../../src/inspect/inspect-limits.ts';
import { Inspector } from '../../src/inspect/inspector.ts';
import { RecordedRelay } from './recorded-relay.ts';

/** The parts of a response that a watcher uses. */
class FakeResponse extends EventEmitter {
  writableLength = 0;
  readonly written: string[] = [];
  write(text: string): boolean {
    this.written.push(text);
    return true;
  }
  end(): void {
    this.emit('close');
  }
  get updates(): number {
    return this.written.filter((text) => text.startsWith('data:')).length;
  }
}

const asResponse = (fake: FakeResponse): ServerResponse => fake as unknown as ServerResponse; // A watcher uses nothing else.

const open: FakeResponse[] = [];
const watch = (inspector: Inspector, serverId: string | null = null): FakeResponse => {
  const response = new FakeResponse();
  inspector.watch(asResponse(response), serverId);
  open.push(response);
  return response;
};
afterEach(() => {
  for (const response of open.splice(0)) response.end();
});

const NOTHING = {
  onChanges: () => {},
  timers: { runningOf: () => [] },
  past: () => null,
  hello: { version: 'test', maxPhones: 2, graceMs: 1 },
};

const start = (): Inspector => {
  const { root, directory } = new RecordedRelay();
  return new Inspector({ relay: root, directory, counts: { binaries: 0, phones: 0 }, ...NOTHING });
};

/** Waits until the response has received `count` updates. */
const someUpdates = async (response: FakeResponse, count: number): Promise<void> => {
  while (response.updates < count) await new Promise((resolve) => setTimeout(resolve, 20));
};

test('inspection is attached for the first watcher and detached after the last', () => {
  const inspector = start();
  expect(inspector.isAttached).toBe(false);
  const [one, two] = [watch(inspector), watch(inspector)];
  expect(inspector.isAttached).toBe(true);
  one.end();
  expect(inspector.isAttached).toBe(true);
  two.end();
  expect(inspector.isAttached).toBe(false);
});

test('XState is asked to report events only while a page shows one server-id', () => {
  const inspector = start();
  watch(inspector);
  expect(inspector.isInspecting).toBe(false);
  const [one, two] = [watch(inspector, 's1'), watch(inspector, 's2')];
  expect(inspector.isInspecting).toBe(true);
  one.end();
  expect(inspector.isInspecting).toBe(true);
  two.end();
  expect([inspector.isInspecting, inspector.isAttached]).toEqual([false, true]);
  watch(inspector, 's1');
  inspector.end();
  expect([inspector.isInspecting, inspector.isAttached]).toEqual([false, false]);
});

test('a slow watcher is skipped, and receives the full state once it has caught up', async () => {
  const inspector = start();
  const [slow, quick] = [watch(inspector), watch(inspector)];
  await someUpdates(slow, 1);
  slow.writableLength = 10 * 1024 * 1024;
  const before = slow.updates;
  await someUpdates(quick, quick.updates + 3);
  expect(slow.updates).toBe(before);
  slow.writableLength = 0;
  await someUpdates(slow, before + 1);
  expect(slow.written.at(before + 1)).toContain('"isFull":true');
});

/** The rows of each update. */
const rowsOf = ({ written }: FakeResponse): (readonly string[])[] =>
  written.flatMap((text) => {
    const { rows } = JSON.parse(text.slice(text.indexOf('{'))) as { rows?: { changed: [string][] } };
    return rows === undefined ? [] : [rows.changed.map(([serverId]) => serverId)];
  });

test('thousands of server-ids are sent some at a time, and as fast as the page reads', async () => {
  const relay = new RecordedRelay();
  const ids = Array.from({ length: 2 * ROWS_PER_UPDATE + 1 }, (_, n) => `id-${n}`);
  for (const id of ids) relay.dial('binary', id, `binary-${id}`);
  const { root, directory } = relay;
  const inspector = new Inspector({
    relay: root,
    directory,
    counts: { binaries: 0, phones: 0 },
    ...NOTHING,
    onChanges: (changed) => {
      relay.recorder.changed = changed;
    },
  });
  const sizes = (page: FakeResponse): number[] => rowsOf(page).map((rows) => rows.length);
  const first = watch(inspector);
  await someUpdates(first, 4);
  expect(sizes(first)).toEqual([ROWS_PER_UPDATE, ROWS_PER_UPDATE, 1]);
  expect(new Set(rowsOf(first).flat())).toEqual(new Set(ids));

  const later = watch(inspector);
  await someUpdates(later, 1);
  later.writableLength = FULL_WATCHER_BYTES;
  await someUpdates(later, later.updates + 2);
  relay.send('id-0', { type: 'binary.left', connId: 'binary-id-0' });
  await someUpdates(later, later.updates + 2);
  expect(sizes(later)).toEqual([ROWS_PER_UPDATE, 1]);
  later.writableLength = 0;
  await someUpdates(later, later.updates + 4);
  expect(sizes(later)).toEqual([ROWS_PER_UPDATE, 1, ROWS_PER_UPDATE, 1]);
  expect(new Set(rowsOf(later).flat())).toEqual(new Set(ids));
});

test('at most ten updates are sent per second', async () => {
  const inspector = start();
  const response = watch(inspector);
  const startedAt = performance.now();
  await someUpdates(response, 6);
  expect(performance.now() - startedAt).toBeGreaterThan(450);
});

test('when the relay ends, inspection is detached and new watchers are rejected', () => {
  const inspector = start();
  const watching = watch(inspector);
  inspector.end();
  expect(inspector.isAttached).toBe(false);
  const before = watching.written.length;
  watch(inspector);
  expect(inspector.isAttached).toBe(false);
  expect(watching.written).toHaveLength(before);
  expect(inspector.lost).toBe(0);
});

test('a connection that ends counts as one close, whatever else is observed about it', () => {
  const inspector = start();
  const of = { serverId: 's1', connId: 'c-1', closeCode: 1000 };
  inspector.observe({ ...of, type: 'phone.dismissed', isLegal: true });
  inspector.observe({ ...of, type: 'read.ended', role: 'phone', err: '' });
  inspector.observe({ ...of, type: 'notice.sent' });
  inspector.observe({ ...of, type: 'notice.lost' });
  inspector.observe({ type: 'phone.refused', serverId: 's1', remote: '::1', closeCode: 4429 });
  inspector.observe({ type: 'binary.refused', serverId: 's1', remote: '::1', closeCode: 4409 });
  expect(Object.fromEntries(inspector.traffic.closeCodes(performance.now()))).toEqual({
    1000: 1,
    4409: 1,
    4429: 1,
  });
});

test('an update that throws is counted, and the next one is sent', async () => {
  const { root, directory } = new RecordedRelay();
  let failures = 0;
  const counts = {
    get binaries(): number {
      if (failures++ === 0) throw new Error('the first time only');
      return 0;
    },
    phones: 0,
  };
  const inspector = new Inspector({ relay: root, directory, counts, ...NOTHING });
  await someUpdates(watch(inspector), 1);
  expect(inspector.lost).toBe(1);
});
