/**
 * The event loop is blocked for longer than a deadline. Answers that arrived in the meantime are in the kernel, and are
 * read before the deadline takes effect.
 */
import { afterEach, describe, expect, test } from 'vitest';
import type { Peer } from '../support/peer.ts';
import { TestRelay } from '../support/relay.ts';

const DEADLINE_MS = 200;

let relay: TestRelay;
afterEach(() => relay.dispose());

/** Relay and peers share this thread, so this stalls the relay. */
const stall = (): void => {
  const end = performance.now() + 3 * DEADLINE_MS;
  while (performance.now() < end);
};

/** Answers this peer's next ping, and stalls the relay before it can read the answer. */
const stallAtNextPing = async (peer: Peer): Promise<void> => {
  await new Promise<void>((resolve) => {
    peer.ws.once('ping', (payload) => {
      peer.ws.pong(payload);
      stall();
      resolve();
    });
  });
};

describe('a deadline that passes while the event loop is blocked', () => {
  test('a phone whose pong has arrived stays', async () => {
    relay = await TestRelay.start({ heartbeatIntervalMs: 100, heartbeatTimeoutMs: DEADLINE_MS });
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const phone = await relay.peers.phone(serverId, { autoPong: false });
    await stallAtNextPing(phone);
    phone.ws.on('ping', (payload) => phone.ws.pong(payload));
    phone.send('"still here"');
    expect(await binary.nextEnvelope()).toMatchObject({ frame: 'still here' });
    expect(relay.events('heartbeat_timeout')).toEqual([]);
  });

  test('a holder whose answer to the probe has arrived keeps its slot', async () => {
    relay = await TestRelay.start({ probeTimeoutMs: DEADLINE_MS });
    const serverId = relay.peers.serverId();
    const holder = await relay.peers.binary(serverId, { autoPong: false });
    const { phone } = await relay.peers.knownPhone(serverId, holder);
    const stalled = stallAtNextPing(holder);
    const claimant = relay.peers.dialBinary(serverId);
    await stalled;
    expect(await claimant.closed).toEqual({ code: 4409, reason: 'server-id already claimed' });
    phone.send('"and it is served"');
    expect(await holder.nextEnvelope()).toMatchObject({ frame: 'and it is served' });
  });
});
