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

test('switched off, it holds nobody any longer', async () => {
  const phone = await relay.dial('phone');
  await phone.say(message(65_536));
  relay.plane.throttle.rate = undefined;
  await pass(2_000);
  expect(phone.isPaused).toBe(false);
  await phone.say(message(65_536));
  expect(phone.isPaused).toBe(false);
});
