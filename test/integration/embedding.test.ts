/** `createRelay` as a library. */
import { afterEach, expect, test } from 'vitest';
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

test('several relays in one process do not know each other', async () => {
  const relays = [createRelay({ metricsListen: null }), createRelay({ metricsListen: null })];
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

test('stop may be called twice, and before start', async () => {
  const relay = createRelay({ metricsListen: null });
  await Promise.all([relay.stop(), relay.stop()]);
});

test('start fails when an address is taken, and leaves nothing listening', async () => {
  const first = createRelay({ metricsListen: null });
  const { address } = await first.start();
  const second = createRelay({
    insecureListen: { host: '127.0.0.1', port: address.port },
    metricsListen: { host: '127.0.0.1', port: 0 },
  });
  await expect(second.start()).rejects.toThrow('EADDRINUSE');
  await first.stop();
});

test('options are checked by the schema of the flags', () => {
  expect(() => createRelay({ graceMs: -1 })).toThrow(ConfigError);
  expect(() => createRelay({ graceMs: Number.NaN })).toThrow('--grace takes a duration');
  expect(() => createRelay({ metricsListen: { host: '0.0.0.0', port: 0 } })).toThrow('loopback');
  const misspelt = { graceMillis: 1 };
  expect(() => createRelay(misspelt as object)).toThrow('unknown option graceMillis');
});
