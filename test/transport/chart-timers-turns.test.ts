/** When due events are delivered: after the sockets have been read, and in slices between which they are read again. */
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
  /** What one end writes lies in the other's receive queue at once: a socket of the file system, unlike TCP. */
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

  /** Returns in the phase of the event loop that comes before its timers. */
  const beforeTimers = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

  const untilIdle = async (timers: ChartTimers): Promise<void> => {
    while (timers.armed > 0) await beforeTimers();
  };

  /** Holds the event loop until whatever is due after DELAY_MS is overdue. */
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

  /** So many events that are due together, each with something to read and to do behind it; what happens in which order. */
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
    // One turn of the event loop for what the last of them brings about.
    await beforeTimers();
    return happened;
  };

  test.each([1, 2, 3])(
    '%i of those that are due together make a slice; sockets are read after each',
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
