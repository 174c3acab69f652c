/** `createRelay` as a library. */
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { settingNames } from '../../src/config/settings.ts';
import { ConfigError, createRelay } from '../../src/relay.ts';
import { Peers } from '../support/peer.ts';

const dialled: Peers[] = [];
afterEach(() => {
  for (const peers of dialled.splice(0)) peers.dispose();
});

const peersAt = (port: number): Peers => {
  const peers = new Peers(() => `ws://127.0.0.1:${port}`);
  dialled.push(peers);
  return peers;
};

test('several relays in one process are independent', async () => {
  const relays = [createRelay(), createRelay()];
  const started = await Promise.all(relays.map((relay) => relay.start()));
  const [one, two] = started.map(({ address }) => peersAt(address.port));
  if (one === undefined || two === undefined) throw new Error('two relays were started');
  const binary = await one.binary('shared-id');
  await one.knownPhone('shared-id', binary);
  const stranger = await two.phone('shared-id');
  expect((await stranger.closed).code).toBe(4404);
  const signals = process.listenerCount('SIGTERM') + process.listenerCount('SIGINT');
  await Promise.all(relays.map((relay) => relay.stop()));
  expect((await binary.closed).code).toBe(1001);
  expect(process.listenerCount('SIGTERM') + process.listenerCount('SIGINT')).toBe(signals);
});

test('stop may be called twice and before start; start is refused afterwards', async () => {
  const relay = createRelay();
  await Promise.all([relay.stop(), relay.stop()]);
  await expect(relay.start()).rejects.toThrow('starts once');
});

test('a second start is refused and does not affect the running relay', async () => {
  const relay = createRelay();
  const { address } = await relay.start();
  const peers = peersAt(address.port);
  const binary = await peers.binary('started-twice');
  await expect(relay.start()).rejects.toThrow('starts once');
  await peers.knownPhone('started-twice', binary);
  await relay.stop();
});

test('stop during start closes the listeners that start has opened', async () => {
  const relay = createRelay();
  const [{ address }] = await Promise.all([relay.start(), relay.stop()]);
  await expect(fetch(`http://127.0.0.1:${address.port}/healthz`)).rejects.toThrow('fetch failed');
});

test('start fails if an address is in use, and leaves no listener open', async () => {
  const first = createRelay();
  const { address } = await first.start();
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
  const { port } = free.address() as AddressInfo; // It listens on TCP.
  await new Promise((resolve) => free.close(resolve));
  const second = createRelay({
    insecureListen: { host: '127.0.0.1', port: address.port },
    metricsListen: { host: '127.0.0.1', port },
  });
  await expect(second.start()).rejects.toThrow('EADDRINUSE');
  await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow('fetch failed');
  await first.stop();
});

test('an option that is undefined is absent', async () => {
  const absent = {
    ...Object.fromEntries(settingNames.map((name) => [name, undefined])),
    log: undefined,
    metricsMayFail: undefined,
    droppedLogLines: undefined,
    onListenerFailed: undefined,
  };
  const relay = createRelay(absent);
  const { address, metricsAddress, inspectAddress } = await relay.start();
  await relay.stop();
  expect(address.address).toBe('127.0.0.1');
  expect(address.port).toBeGreaterThan(0);
  expect(metricsAddress).toBeNull();
  expect(inspectAddress).toBeNull();
});

test('options are checked like the flags', () => {
  expect(() => createRelay({ graceMs: -1 })).toThrow(ConfigError);
  expect(() => createRelay({ graceMs: Number.NaN })).toThrow('--grace takes a duration');
  expect(() => createRelay({ metricsListen: { host: '0.0.0.0', port: 0 } })).toThrow('loopback');
  expect(() => createRelay({ maxFrameBytes: 8 * 1_024 * 1_024 })).toThrow(ConfigError);
  const insecureListen = { host: '127.0.0.1', port: 0 };
  expect(() => createRelay({ tlsCert: 'a.pem' })).toThrow('--tls-cert needs --tls-key');
  expect(() => createRelay({ tlsCert: 'a.pem', tlsKey: 'a.key', insecureListen })).toThrow(
    '--insecure-listen does not go with --tls-cert',
  );
  expect(() => createRelay({ proxyProtocol: true })).toThrow('--proxy-protocol needs --insecure-listen');
  const misspelt = { graceMillis: 1 };
  expect(() => createRelay(misspelt as object)).toThrow('unknown option graceMillis');
});

test('start fails, and says what is missing, without the certificate', async () => {
  const relay = createRelay({ tlsCert: '/nonexistent/c', tlsKey: '/nonexistent/k' });
  const error: unknown = await relay.start().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConfigError);
  expect(String(error)).toContain('/nonexistent/c: no such file (ENOENT)');
});

test('reload checks the new settings as the first ones, and names those that need a restart', async () => {
  const relay = createRelay({ graceMs: 1_000 });
  await expect(relay.reload({})).rejects.toThrow('after start');
  const { address } = await relay.start();
  const peers = peersAt(address.port);
  const binary = await peers.binary('reloaded');
  expect(await relay.reload({ graceMs: 1_000 })).toEqual({ changed: [], needRestart: [] });
  expect(await relay.reload({})).toEqual({ changed: [], needRestart: ['--grace'] });
  await expect(relay.reload({ graceMs: -1 })).rejects.toThrow(ConfigError);
  await peers.knownPhone('reloaded', binary);
  await relay.stop();
  await expect(relay.reload({})).rejects.toThrow('not after stop');
});
