/** Signals that come at odd moments: before the program is loaded, twice, or during the drain. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type InstalledCopy, installCopy } from '../support/installed-copy.ts';
import { binaryHeaders, Peers } from '../support/peer.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { MAIN, RelayProcess } from '../support/relay-process.ts';

let copy: InstalledCopy | undefined;
let relay: RelayProcess | undefined;
let child: ChildProcess | undefined;
const peers = new Peers(() => relay?.url ?? '');
afterEach(() => {
  peers.dispose();
  relay?.kill();
  child?.kill('SIGKILL');
  copy?.dispose();
  relay = undefined;
  child = undefined;
  copy = undefined;
});

/** A relay that drains until its deadline: one peer never answers its close. */
const startBusy = async (deadline: string): Promise<RelayProcess> => {
  relay = await RelayProcess.start(['--drain-deadline', deadline]);
  const port = Number(new URL(relay.url.replace('ws:', 'http:')).port);
  const mute = await new RawSocket(port).upgrade('/v1/server', binaryHeaders(peers.serverId()));
  relay.child.once('exit', () => mute.destroy());
  return relay;
};

describe('a second signal', () => {
  test('at once is the same request: the drain goes on and the process exits 0', async () => {
    const busy = await startBusy('1s');
    busy.child.kill('SIGINT');
    busy.child.kill('SIGTERM');
    expect(await busy.exited).toBe(0);
    expect(busy.count('shutdown signal received; draining')).toBe(1);
    expect(busy.count('shutdown forced')).toBe(0);
    expect(busy.lines.at(-1)).toMatchObject({ msg: 'shutdown complete' });
  });

  test('later ends the drain: the process says so and exits 1', async () => {
    const busy = await startBusy('10m');
    const impatient = setInterval(() => busy.child.kill('SIGINT'), 50);
    expect(await busy.exited).toBe(1);
    clearInterval(impatient);
    expect(busy.lines.at(-1)).toMatchObject({
      level: 'warn',
      msg: 'shutdown forced',
      err: 'a second signal',
    });
    expect(busy.count('shutdown complete')).toBe(0);
  });
});

test('SIGHUP during the drain is refused with a line', async () => {
  const busy = await startBusy('1s');
  busy.child.kill('SIGTERM');
  await busy.logged('shutdown signal received; draining');
  busy.child.kill('SIGHUP');
  expect(await busy.logged('reload refused')).toMatchObject({
    level: 'error',
    err: 'the relay is shutting down',
  });
  expect(await busy.exited).toBe(0);
});

describe('a signal while the program is loaded', () => {
  /** Starts a relay that stops loading until it is told to go on. */
  const startSlowly = async () => {
    copy = installCopy(['dist']);
    copy.write(
      'dist/runtime.js',
      `process.stderr.write('loading');
       await new Promise((resolve) => process.stdin.once('data', resolve));
       process.stdin.destroy();
       // What was sent before is handled first.
       for (const turn of [1, 2]) await new Promise(setImmediate);
       export const tuneRuntime = () => {};`,
    );
    const started = spawn(process.execPath, [
      copy.main,
      ...['--insecure-listen', '127.0.0.1:0', '--metrics-listen='],
    ]);
    child = started;
    let stdout = '';
    started.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    await once(started.stderr, 'data');
    return {
      started,
      messages: () => [...stdout.matchAll(/"msg":"([^"]*)"/g)].map(([, message]) => message),
      goOn: () => started.stdin.write('go on'),
      closed: once(started, 'close'),
    };
  };

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'is not lost: %s ends it before it listens, exit 0',
    async (signal) => {
      const { started, messages, goOn, closed } = await startSlowly();
      started.kill(signal);
      goOn();
      expect(await closed).toEqual([0, null]);
      expect(messages()).toEqual(['shutdown signal received; draining', 'shutdown complete']);
    },
  );

  test('reloads once it serves if it is SIGHUP', async () => {
    const { started, messages, goOn, closed } = await startSlowly();
    started.kill('SIGHUP');
    goOn();
    while (!messages().includes('reloaded')) await once(started.stdout, 'data');
    started.kill('SIGTERM');
    expect(await closed).toEqual([0, null]);
    expect(messages().indexOf('reloaded')).toBe(messages().indexOf('listening') + 1);
  });
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'a command ends by %s, as any program does',
  async (signal) => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo; // It listens on TCP.
    const dialled = once(silent, 'connection');
    child = spawn(process.execPath, [MAIN, 'conformance', `ws://127.0.0.1:${port}`, '--max-phones', '1'], {
      stdio: 'ignore',
    });
    const closed = once(child, 'close');
    await dialled;
    child.kill(signal);
    expect(await closed).toEqual([null, signal]);
    silent.close();
  },
);
