/** No log, metric or other watcher that throws can end or disturb the relay. */
import { afterEach, expect, test, vi } from 'vitest';
import { createRelay, type LogSink } from '../../src/relay.ts';
import { Peers } from '../support/peer.ts';
import { TestRelay } from '../support/relay.ts';

vi.mock(import('../../src/inspect/traffic.ts'), async (importOriginal) => {
  const original = await importOriginal();
  class BrokenTraffic extends original.Traffic {
    override countFrames(): void {
      throw new Error('the inspector is broken');
    }
    override countClose(): void {
      throw new Error('the inspector is broken');
    }
  }
  return { ...original, Traffic: BrokenTraffic };
});

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0)) await clean();
});

/** Frames both ways, a refusal, a directive, a close. */
const exercise = async (peers: Peers): Promise<void> => {
  const serverId = peers.serverId();
  const binary = await peers.binary(serverId);
  const { phone, connId } = await peers.knownPhone(serverId, binary);
  binary.send(`{"conn_id":"${connId}","frame":"back"}`);
  expect(await phone.next()).toBe('"back"');
  binary.send('{}');
  expect((await peers.dialPhone(peers.serverId()).closed).code).toBe(4404);
  binary.send(`{"conn_id":"${connId}","close_code":4401}`);
  expect((await phone.closed).code).toBe(4401);
  await binary.close(1000);
};

test('a log that throws on every line loses its lines, and each is counted', async () => {
  const broken = (): never => {
    throw new Error('the log is broken');
  };
  const log: LogSink = { info: broken, warn: broken, error: broken };
  const relay = await TestRelay.start({ log });
  cleanUp.push(async () => await relay.dispose());
  await exercise(relay.peers);
  expect(await relay.metric('internal_faults_total')).toBeGreaterThan(0);
  expect(await relay.metric('ws_upgrade_attempts_total{endpoint="client",outcome="accept"}')).toBe(1);
});

test('an inspector that throws does not affect the log or the metrics', async () => {
  const relay = await TestRelay.start({ inspectListen: { host: '127.0.0.1', port: 0 } });
  cleanUp.push(async () => await relay.dispose());
  await exercise(relay.peers);
  await relay.logged('phone_registered');
  expect(await relay.metric('internal_faults_total')).toBeGreaterThan(0);
  expect(await relay.metric('connections_left_total{role="phone",cause="directive"}')).toBe(1);
});

test('a count of dropped lines that throws fails the scrape, and nothing else', async () => {
  const relay = createRelay({
    metricsListen: { host: '127.0.0.1', port: 0 },
    droppedLogLines: () => {
      throw new Error('the count is broken');
    },
  });
  const { address, metricsAddress } = await relay.start();
  const peers = new Peers(() => `ws://127.0.0.1:${address.port}`);
  cleanUp.push(async () => {
    peers.dispose();
    await relay.stop();
  });
  expect((await fetch(`http://127.0.0.1:${metricsAddress?.port}/metrics`)).status).toBe(500);
  await exercise(peers);
});
