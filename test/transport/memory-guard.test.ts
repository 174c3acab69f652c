/** What happens above the memory watermark, and at the bound of server-ids. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MemoryGuard } from '../../src/transport/memory-guard.ts';
import { settle, type WiredPeer, WiredRelay } from '../support/wired-relay.ts';

const KIB = 1024;

let relay: WiredRelay;
let residentBytes: number;
beforeEach(() => {
  relay = new WiredRelay();
  residentBytes = 0;
});
afterEach(() => relay.dispose());

const guardOf = (limits: { watermarkBytes?: number; maxServerIds?: number }): MemoryGuard =>
  new MemoryGuard(relay.plane, { watermarkBytes: 0, maxServerIds: 0, ...limits }, () => residentBytes);

/** A phone for which `bytes` wait. */
const backedUp = async (binary: WiredPeer, bytes: number): Promise<WiredPeer> => {
  const phone = await relay.dial('phone');
  phone.wire.stall();
  for (let sent = 0; sent < bytes; sent += 40_000)
    await binary.say(`{"conn_id":"${phone.connId}","frame":"${'x'.repeat(40_000)}"}`);
  return phone;
};

test('above the watermark nobody is let in and the largest backlogs go, but not the many that hold little', async () => {
  const guard = guardOf({ watermarkBytes: 1_000 * KIB });
  const binary = await relay.dial('binary');
  const large = await backedUp(binary, 900 * KIB);
  const middle = await backedUp(binary, 300 * KIB);
  const small = await backedUp(binary, 39_000);
  residentBytes = 1_000 * KIB;
  guard.sample();
  expect(guard.memoryLimit()).toBeUndefined();
  residentBytes = 1_200 * KIB;
  guard.sample();
  expect(guard.memoryLimit()).toBe('memory');
  // 250 KiB too much: the largest is enough.
  expect(relay.observed('connection.shed')).toMatchObject([
    { connId: large.connId, limit: 'memory_watermark' },
  ]);
  // Nothing of what is closed makes the process smaller.
  residentBytes = 5_000 * KIB;
  guard.sample();
  guard.sample();
  await settle();
  expect(middle.state).toEqual({ closing: 'writing' });
  expect(small.state).not.toHaveProperty('closing');
  expect(relay.observed('memory.reached')).toEqual([
    { type: 'memory.reached', residentBytes: 1_200 * KIB, watermarkBytes: 1_000 * KIB },
  ]);
  residentBytes = 100;
  for (let i = 0; i < 5; i++) guard.sample();
  expect(guard.memoryLimit()).toBeUndefined();
  expect(relay.observed('memory.left')).toHaveLength(1);
});

test('a new server-id is refused at the bound; one in grace, and phones, are not', async () => {
  const guard = guardOf({ maxServerIds: 2 });
  await relay.dial('binary', 'a');
  expect(guard.serverIdLimit('binary', 'b')).toBeUndefined();
  const b = await relay.dial('binary', 'b');
  await b.hangUp();
  expect(guard.serverIdLimit('binary', 'b')).toBeUndefined();
  expect(guard.serverIdLimit('binary', 'c')).toBe('max_server_ids');
  expect(guard.serverIdLimit('phone', 'c')).toBeUndefined();
  // A phone for a server-id that nobody holds leaves none behind.
  await relay.dial('phone', 'c');
  expect(relay.plane.directory.getSnapshot().context.servers.size).toBe(2);
  guard.limits = { watermarkBytes: 0, maxServerIds: 3 };
  expect(guard.serverIdLimit('binary', 'c')).toBeUndefined();
});
