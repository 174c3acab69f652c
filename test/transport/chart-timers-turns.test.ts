/** When due events are delivered: after sockets have been read, and in slices with reads between them. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TIMER_SLICE_MS } from '../../src/protocol/limits.ts';
import { ChartTimers } from '../../src/transport/chart-timers.ts';
import { neverFails, notingActors } from '../support/noting-actors.ts';

describe('on a real event loop', () => {
  /** Unix sockets: unlike TCP, a write is in the other end's receive queue at once. */
  const socketPair = async (): Promise<{ near: Socket; far: Socket }> => {
    const directory = mkdtempSync(join(tmpdir(), 'chart-timers-'));
    const path = join(directory, 'socket');
    const server = createServer().listen(path);
    await once(server, 'listening');
    const far = createConnection(path);
    const [[near]] = await Promise.all([once(server, 'connection'), once(far, 'connect')]);
    onTestFinished(() => {
      far.destroy();
      near.destroy();
      server.close();
      rmSync(directory, { recursive: true });
    });
    return { near, far };
  };

  const DELAY_MS = 5;

  /** Resolves in the phase of the event loop before its timers. */
  const beforeTimers = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

  const untilIdle = async (timers: ChartTimers): Promise<void> => {
    while (timers.armed > 0) await beforeTimers();
  };

  /** Blocks the event loop until everything due after DELAY_MS is overdue. */
  const stall = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4 * DELAY_MS);

  test('what a socket received during a stall is read before the deadline that passed', async () => {
    const { near, far } = await socketPair();
    const happened: string[] = [];
    const timers = new ChartTimers(neverFails);
    const { a, after } = notingActors(timers, (type) => void happened.push(type));
    near.on('data', (data) => void happened.push(String(data)));
    await beforeTimers();
    after(a, 'deadline', DELAY_MS);
    far.write('pong');
    stall();
    await untilIdle(timers);
    expect(happened).toStrictEqual(['pong', 'deadline']);
    expect(timers.armed).toBe(0);
  });

  test('a deadline is cancelled by what a socket received during the stall', async () => {
    const { near, far } = await socketPair();
    const happened: string[] = [];
    const timers = new ChartTimers(neverFails);
    const { a, b, scheduler, after } = notingActors(timers, (type) => void happened.push(type));
    near.on('data', () => scheduler.cancelAll(a));
    await beforeTimers();
    after(a, 'deadline', DELAY_MS);
    after(b, 'other', DELAY_MS);
    far.write('pong');
    stall();
    await untilIdle(timers);
    expect(happened).toStrictEqual(['other']);
  });

  const EVENTS = 6;

  /** Delivers events that are due together, each followed by a read and an immediate. Returns the order of all. */
  const workOff = async (perSlice: number): Promise<string[]> => {
    const { near, far } = await socketPair();
    const happened: string[] = [];
    let spentMs = 0;
    const timers = new ChartTimers(neverFails, () => spentMs);
    const { a, after } = notingActors(timers, (type) => {
      happened.push(type);
      spentMs += TIMER_SLICE_MS / perSlice;
      far.write('.');
      setImmediate(() => void happened.push('immediate'));
    });
    near.on('data', () => void happened.push('read'));
    await beforeTimers();
    for (let n = 0; n < EVENTS; n++) after(a, 'event', DELAY_MS, String(n));
    stall();
    await untilIdle(timers);
    // One more turn of the event loop, for the effects of the last event.
    await beforeTimers();
    return happened;
  };

  test.each([1, 2, 3])(
    '%i due events make a slice, and sockets are read after each slice',
    async (perSlice) => {
      const slice = [
        ...Array<string>(perSlice).fill('event'),
        'read',
        ...Array<string>(perSlice).fill('immediate'),
      ];
      const slices = Array.from({ length: EVENTS / perSlice }, () => slice).flat();
      expect(await workOff(perSlice)).toStrictEqual(slices);
    },
  );

  test('quick events make one slice', async () => {
    const happened = await workOff(1_000);
    expect(happened.slice(0, EVENTS + 1)).toStrictEqual([...Array<string>(EVENTS).fill('event'), 'read']);
  });
});
