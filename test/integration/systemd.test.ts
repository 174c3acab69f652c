/** sd_notify(3): the daemon as a unit of `Type=notify`. A script stands in for `systemd-notify` and notes what it is told. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RelayProcess } from '../support/relay-process.ts';

let folder: string;
let relay: RelayProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'relay-systemd-'));
});
afterEach(() => {
  relay?.kill();
  relay = undefined;
  rmSync(folder, { recursive: true });
});

const notes = (): string => join(folder, 'notes');

/** @param exit with which the script ends */
const standIn = (exit: number): Readonly<Record<string, string>> => {
  const script = join(folder, 'systemd-notify');
  writeFileSync(script, `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >>${notes()}\nexit ${exit}\n`);
  chmodSync(script, 0o755);
  writeFileSync(notes(), '');
  return { NOTIFY_SOCKET: '/run/x', PATH: `${folder}:${process.env['PATH'] ?? ''}` };
};

const noted = (): string[] => readFileSync(notes(), 'utf8').split('\n').slice(0, -1);

const untilNoted = async (count: number, text: string): Promise<void> => {
  while (noted().filter((line) => line.includes(text)).length < count)
    await new Promise((resolve) => setTimeout(resolve, 10));
};

describe('with NOTIFY_SOCKET', () => {
  test('systemd is told when the relay listens, and when it drains', async () => {
    const env = standIn(0);
    relay = await RelayProcess.start([], env);
    await untilNoted(1, 'READY=1');
    expect(noted()).toEqual([
      expect.stringMatching(/^\/run\/x READY=1 STATUS=listening on 127\.0\.0\.1:\d+$/),
    ]);
    expect(await relay.stop()).toBe(0);
    expect(noted().slice(1)).toEqual(['/run/x STOPPING=1 STATUS=draining EXTEND_TIMEOUT_USEC=10000000']);
    expect(relay.count('systemd not told')).toBe(0);
  });

  test('signs of life are sent while the watchdog waits for them', async () => {
    relay = await RelayProcess.start([], { ...standIn(0), WATCHDOG_USEC: '100000' });
    await untilNoted(3, '/run/x WATCHDOG=1');
  });

  test('not for the watchdog of another process, nor without one', async () => {
    relay = await RelayProcess.start([], { ...standIn(0), WATCHDOG_USEC: '1000', WATCHDOG_PID: '1' });
    await untilNoted(1, 'READY=1');
    // Longer than a hundred periods of that watchdog: a second relay starts and stops.
    const other = await RelayProcess.start();
    await other.stop();
    expect(noted()).toHaveLength(1);
  });

  test('a tool that fails is logged once, and the relay serves', async () => {
    relay = await RelayProcess.start([], { ...standIn(3), WATCHDOG_USEC: '20000' });
    await untilNoted(4, '/run/x');
    const { err } = await relay.logged('systemd not told');
    expect(err).toBe('systemd-notify exited with 3');
    expect(relay.count('systemd not told')).toBe(1);
    expect((await relay.health())['status']).toBe('ok');
  });

  test('a tool that is missing is logged, and the relay serves', async () => {
    relay = await RelayProcess.start([], { NOTIFY_SOCKET: '/run/x', PATH: folder });
    expect((await relay.logged('systemd not told'))['err']).toContain('ENOENT');
    expect((await relay.health())['status']).toBe('ok');
  });
});
