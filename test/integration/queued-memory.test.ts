/**
 * Memory for what is queued, over real sockets: phones that do not read, or are gone in the middle of a write, cost no other phone a byte,
 * and nothing of it stays taken.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Peer } from '../support/peer.ts';
import { TestRelay } from '../support/relay.ts';

const MIB = 1024 * 1024;
/** Small enough to be copied, also of a TLS record: larger ones are sent from where they were read. */
const FRAME_BYTES = 3_000;
/** More than the kernel takes for one socket. */
const FRAMES = 4_000;
const WAIT = { timeout: 20_000, interval: 20 };

let relay: TestRelay;
beforeEach(async () => {
  relay = await TestRelay.start({ phoneBacklogBytes: 64 * MIB, totalBacklogBytes: 256 * MIB });
});
afterEach(() => relay.dispose());

const taken = async (): Promise<number | undefined> => await relay.metric('queue_taken_bytes');

const frame = (letter: string, n: number): string => `"${n}:${letter.repeat(FRAME_BYTES)}"`;

const send = (binary: Peer, connId: string, letter: string): void => {
  for (let n = 0; n < FRAMES; n++) binary.send(`{"conn_id":"${connId}","frame":${frame(letter, n)}}`);
};

test('phones that are destroyed in the middle of a write leave nothing taken, and others get their own frames', async () => {
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const deaf = [];
  for (const letter of ['a', 'b', 'c'])
    deaf.push({ letter, ...(await relay.peers.knownPhone(serverId, binary)) });
  const slow = await relay.peers.knownPhone(serverId, binary);
  const late = await relay.peers.knownPhone(serverId, binary);
  for (const { phone } of [...deaf, slow]) phone.ws.pause();
  for (const { connId, letter } of deaf) send(binary, connId, letter);
  send(binary, slow.connId, 's');
  await vi.waitFor(async () => expect(await taken()).toBeGreaterThan(MIB), WAIT);
  for (const { phone } of deaf) phone.ws.terminate();
  // Their memory is used again for this one.
  send(binary, late.connId, 'l');
  slow.phone.ws.resume();
  for (let n = 0; n < FRAMES; n++) {
    expect(await slow.phone.inbox.next()).toBe(frame('s', n));
    expect(await late.phone.inbox.next()).toBe(frame('l', n));
  }
  await vi.waitFor(async () => expect(await taken()).toBe(0), WAIT);
});
