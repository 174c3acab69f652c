/** The byte rate of a server-id: who is not read, and what goes on meanwhile. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  HEARTBEAT_INTERVAL_MS,
  HEARTBEAT_TIMEOUT_MS,
  settle,
  type WiredPeer,
  WiredRelay,
} from '../support/wired-relay.ts';

const RATE = { bytesPerSecond: 64 * 1024, burstBytes: 10_000 };

let relay: WiredRelay;
let binary: WiredPeer;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  relay = new WiredRelay({ rate: RATE });
  binary = await relay.dial('binary');
});
afterEach(() => {
  vi.useRealTimers();
  relay.dispose();
});

/** Time passes for the byte rate. */
const pass = async (ms: number): Promise<void> => {
  vi.advanceTimersByTime(ms);
  await settle();
};

const message = (bytes: number): string => `"${'x'.repeat(bytes)}"`;

test('a phone that has used up the rate of its server-id is not read until the debt is paid, and nothing is lost', async () => {
  const phone = await relay.dial('phone');
  await phone.say(message(9_000));
  expect(phone.isPaused).toBe(false);
  await phone.say(message(65_536));
  expect(phone.isPaused).toBe(true);
  await phone.say('1');
  expect(binary.heard()).toHaveLength(2);
  await pass(900);
  expect(phone.isPaused).toBe(true);
  await pass(200);
  expect(phone.isPaused).toBe(false);
  expect(binary.heard()).toHaveLength(1);
  expect(relay.observed('sender.throttled')).toMatchObject([{ role: 'phone' }]);
});

test('the phones of a server-id share its rate, and are read in turn; its binary and other server-ids have their own', async () => {
  const first = await relay.dial('phone');
  const second = await relay.dial('phone');
  await first.say(message(40_000));
  await second.say(message(40_000));
  expect([first.isPaused, second.isPaused]).toEqual([true, true]);
  await binary.say(`{"conn_id":"${first.connId}","frame":1}`);
  expect(binary.isPaused).toBe(false);
  expect(first.heard()).toEqual(['1']);
  await relay.dial('binary', 'other');
  const stranger = await relay.dial('phone', 'other');
  await stranger.say('1');
  expect(stranger.isPaused).toBe(false);
  await pass(1_000);
  expect([first.isPaused, second.isPaused]).toEqual([true, true]);
  for (let ms = 0; first.isPaused && ms < 200; ms++) await pass(1);
  expect([first.isPaused, second.isPaused]).toEqual([false, true]);
  await pass(1);
  expect(second.isPaused).toBe(false);
});

test('a binary is throttled too', async () => {
  const phone = await relay.dial('phone');
  await binary.say(`{"conn_id":"${phone.connId}","frame":${message(20_000)}}`);
  expect(binary.isPaused).toBe(true);
  await pass(200);
  expect(binary.isPaused).toBe(false);
});

test('deadlines stand still meanwhile, as in every pause', async () => {
  const phone = await relay.dial('phone');
  await phone.say(message(65_536));
  await relay.pass(HEARTBEAT_INTERVAL_MS + HEARTBEAT_TIMEOUT_MS);
  await binary.ping();
  expect(phone.state).toEqual({ open: 'suspended' });
  await pass(2_000);
  expect(phone.state).toEqual({ open: 'quiet' });
});

test('a phone that is closed is read again at once, for its answer', async () => {
  const phone = await relay.dial('phone');
  await phone.say(message(65_536));
  expect(phone.isPaused).toBe(true);
  await binary.say(`{"conn_id":"${phone.connId}","close_code":4401}`);
  expect(phone.isPaused).toBe(false);
  await phone.close(4401);
  expect(phone.closed()).toMatchObject({ code: 4401 });
  expect(phone.state).toEqual({ closing: 'finishing' });
  await pass(5_000);
});

test('a phone that is also paused for its binary stays paused', async () => {
  const phone = await relay.dial('phone');
  binary.wire.stall();
  for (let i = 0; i < 20; i++) {
    await phone.say(message(65_536));
    await pass(3_000);
  }
  expect(relay.observed('phone.paused')).toHaveLength(1);
  expect(phone.isPaused).toBe(true);
  expect(phone.state).toEqual({ open: 'suspended' });
  binary.wire.flow();
  for (let i = 0; phone.isPaused && i < 60; i++) await pass(3_000);
  expect(phone.isPaused).toBe(false);
  expect(binary.heard()).toHaveLength(20);
});

test('a phone that sends little is read beside phones that flood', async () => {
  const floods = [await relay.dial('phone'), await relay.dial('phone'), await relay.dial('phone')];
  const modest = await relay.dial('phone');
  for (let n = 0; n < 30; n++) for (const flood of floods) await flood.say(message(60_000));
  for (let n = 0; n < 60; n++) {
    await modest.say(`${n}`);
    await pass(200);
  }
  await pass(1_000);
  const frames = binary.heard();
  const of = ({ connId }: WiredPeer): number =>
    frames.filter((frame) => frame.startsWith(`{"conn_id":"${connId}"`)).length;
  expect(of(modest)).toBe(60);
  // They share the rest: one frame a second.
  const rest = floods.map(of);
  expect(rest.reduce((sum, count) => sum + count)).toBeGreaterThan(11);
  expect(Math.max(...rest) - Math.min(...rest)).toBeLessThanOrEqual(1);
});

test('a new rate counts at once, for who waits under the old one too', async () => {
  const phone = await relay.dial('phone');
  await phone.say(message(65_536));
  await pass(100);
  expect(phone.isPaused).toBe(true);
  relay.plane.throttle.rate = { ...RATE, bytesPerSecond: 100 * RATE.bytesPerSecond };
  await pass(20);
  expect(phone.isPaused).toBe(false);
});

test('what a claimant in line sends is not on account of the holder', async () => {
  const claimant = await relay.dial('binary');
  expect(claimant.state).toBe('waiting');
  await claimant.say(message(65_536));
  await binary.say('{"conn_id":"c-0000000000000000","frame":1}');
  expect(binary.isPaused).toBe(false);
});

test('switched off, it holds nobody any longer', async () => {
  const phone = await relay.dial('phone');
  await phone.say(message(65_536));
  relay.plane.throttle.rate = undefined;
  await pass(2_000);
  expect(phone.isPaused).toBe(false);
  await phone.say(message(65_536));
  expect(phone.isPaused).toBe(false);
});
