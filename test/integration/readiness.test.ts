/** What a balancer and a service manager see: `/livez` and `/readyz` of the listener of the metrics. */
import { afterEach, expect, test } from 'vitest';
import { phoneHeaders } from '../support/peer.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
afterEach(() => relay.dispose());

const probe = async (path: string): Promise<[number, unknown]> => {
  const response = await fetch(new URL(path, relay.metricsUrl));
  expect(response.headers.get('cache-control')).toBe('no-store');
  return [response.status, await response.json()];
};

test('a relay that serves is alive and ready, and the metrics say so', async () => {
  relay = await TestRelay.start();
  expect(await probe('/livez')).toEqual([200, { status: 'alive' }]);
  expect(await probe('/readyz')).toEqual([200, { status: 'ready', reasons: [] }]);
  expect(await relay.metric('ready')).toBe(1);
  expect(await relay.metric('not_ready{reason="draining"}')).toBe(0);
});

test('the page says all reasons; those who are connected are served, and the process stays alive', async () => {
  relay = await TestRelay.start({ totalBacklogBytes: 1024 * 1024 });
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const { phone, connId } = await relay.peers.knownPhone(serverId, binary);
  // The other may be closed too: what the relay has read of it is a backlog.
  const quiet = await relay.peers.binary(relay.peers.serverId());
  phone.ws.pause();
  for (let i = 0; i < 100; i++) binary.send(`{"conn_id":"${connId}","frame":"${'x'.repeat(200_000)}"}`);
  await relay.logged('connection_shed');
  await relay.reload({ memoryWatermarkBytes: 1 });
  await relay.logged('memory_watermark_reached');
  const reasons = ['shedding', 'memory_watermark'];
  expect(await probe('/readyz')).toEqual([503, { status: 'not ready', reasons }]);
  expect(await probe('/livez')).toEqual([200, { status: 'alive' }]);
  expect(await relay.metric('ready')).toBe(0);
  expect(await relay.metric('not_ready{reason="shedding"}')).toBe(1);
  expect(await relay.metric('not_ready{reason="starting"}')).toBe(0);
  await quiet.roundTrip();
});

test('a relay that drains is not ready from the first moment, and says so until the last peer has ended', async () => {
  relay = await TestRelay.start();
  const serverId = relay.peers.serverId();
  await relay.peers.binary(serverId);
  const phone = await new RawSocket(relay.port).upgrade('/v1/client', phoneHeaders(serverId));
  const stopped = relay.stop();
  const draining = [503, { status: 'not ready', reasons: ['draining'] }];
  // The phone answers no close frame, so the drain goes on.
  expect(await probe('/readyz')).toEqual(draining);
  expect(await probe('/livez')).toEqual([200, { status: 'alive' }]);
  expect(await relay.metric('not_ready{reason="draining"}')).toBe(1);
  phone.destroy();
  await stopped;
  await expect(fetch(relay.metricsUrl)).rejects.toThrow('fetch failed');
});
