/** The ways in which a relay ends that no path takes. */
import { expect } from 'vitest';
import { TestRelay } from '../../support/relay.ts';
import { rawPair } from './played-peers.ts';

const SHUTTING_DOWN = { code: 1001, reason: 'shutting down' };

/** Each on its own server-id, while the relay drains. */
export const endWithBinaries = async (relay: TestRelay, count: number): Promise<void> => {
  const binaries = [];
  for (let n = 0; n < count; n++) binaries.push(await relay.peers.binary(relay.peers.serverId()));
  await relay.stop();
  for (const binary of binaries) expect(await binary.closed).toEqual(SHUTTING_DOWN);
};

/** The deadline cuts the phone. */
export const endWithMutePhone = async (relay: TestRelay): Promise<void> => {
  const { raw } = await rawPair(relay);
  await relay.stop();
  raw.destroy();
};

/** Its address is taken. */
export const failToStart = async (): Promise<void> => {
  const first = await TestRelay.start();
  const port = Number(new URL(first.metricsUrl).port);
  await expect(TestRelay.start({ metricsListen: { host: '127.0.0.1', port } })).rejects.toThrow('EADDRINUSE');
  await first.dispose();
};
