/** `--server-id-bytes-per-second`: who sends more is read more slowly, and nothing is lost. */
import { afterEach, expect, test } from 'vitest';
import { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
afterEach(() => relay.dispose());

const RATE_BYTES = 64 * 1024;
/** Also what a server-id may send at once after a quiet time. */
const BURST_BYTES = 64 * 1024;
/** Six bursts: the rest of them takes five seconds. */
const FRAMES = Array.from({ length: 6 }, (_, n) => `"${n}${'x'.repeat(BURST_BYTES - 100)}"`);

test('a phone that sends several bursts is not read for a while; all arrives in order, and another server-id does not wait', async () => {
  relay = await TestRelay.start({ maxFrameBytes: BURST_BYTES, serverIdBytesPerSecond: RATE_BYTES });
  const [serverId, otherId] = [relay.peers.serverId(), relay.peers.serverId()];
  const binary = await relay.peers.binary(serverId);
  const { phone, connId } = await relay.peers.knownPhone(serverId, binary);
  const otherBinary = await relay.peers.binary(otherId);
  const other = await relay.peers.knownPhone(otherId, otherBinary);

  for (const frame of FRAMES) phone.send(frame);
  expect(await binary.next()).toBe(`{"conn_id":"${connId}","frame":${FRAMES[0]}}`);
  other.phone.send('"no debt"');
  expect(await otherBinary.nextEnvelope()).toEqual({ conn_id: other.connId, frame: 'no debt' });
  // The other direction has a rate of its own.
  binary.send(`{"conn_id":"${connId}","frame":"down"}`);
  expect(await phone.next()).toBe('"down"');
  expect(binary.inbox.size).toBeLessThan(FRAMES.length - 1);

  for (const frame of FRAMES.slice(1))
    expect(await binary.next()).toBe(`{"conn_id":"${connId}","frame":${frame}}`);
  expect(await relay.metric('throttled_reads_total{role="phone"}')).toBeGreaterThan(0);
  expect(await relay.metric('throttled_seconds_total{role="phone"}')).toBeGreaterThan(0);
  expect(await relay.metric('throttled_reads_total{role="binary"}')).toBe(0);
});
