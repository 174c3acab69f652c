/** Faults of our own: each costs one connection, which is closed and accounted for. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BINARY_QUEUE_HIGH_BYTES } from '../../src/protocol/limits.ts';
import { fill, settle, type WiredPeer, WiredRelay } from '../support/wired-relay.ts';

let relay: WiredRelay;
let binary: WiredPeer;
let phone: WiredPeer;
beforeEach(async () => {
  relay = new WiredRelay();
  binary = await relay.dial('binary');
  phone = await relay.dial('phone');
});
afterEach(() => relay.disposeOfFaulty());

test('a connection whose chart throws is cut, leaves its server-id, and its binary is told', async () => {
  // No queue of that name: the chart's action throws.
  phone.adapter.chart.send({ type: 'backlog.overflowed', queue: 'nonsense' } as never);
  await settle();
  expect(relay.observed('connection.failed')).toMatchObject([{ connId: phone.connId }]);
  expect(relay.observed('connection.left')).toMatchObject([
    { connId: phone.connId, cause: 'internal_error' },
  ]);
  expect(phone.hasEnded).toBe(true);
  expect(relay.plane.adapters.has(phone.connId)).toBe(false);
  expect(binary.heard()).toEqual([`{"conn_id":"${phone.connId}","close_code":1011}`]);
});

test('a message that cannot be laid out closes its connection: later frames must not pass it', async () => {
  const body = Buffer.from('1');
  phone.adapter.outbox.enqueue({
    head: new Uint8Array(0),
    body,
    tail: new Uint8Array(0),
    isForwarded: true,
  });
  Object.defineProperty(body, 'length', {
    get: () => {
      throw new Error('cannot be read');
    },
  });
  await settle();
  expect(relay.observed('effect.failed')).toHaveLength(1);
  expect(phone.closed()).toEqual({ code: 1011, reason: 'internal error' });
  expect(binary.heard()).toEqual([`{"conn_id":"${phone.connId}","close_code":1011}`]);
});

test('a socket that was upgraded when the relay has stopped is ended', async () => {
  const late = new WiredRelay();
  late.drain();
  const { connId, wire } = late.knock('phone');
  await settle();
  expect(wire.destroyed).toBe(true);
  expect(late.plane.adapters.has(connId)).toBe(false);
  late.dispose();
});

test('a phone that registers in grace is not paused for the queue of the binary that left', async () => {
  binary.wire.stall();
  await fill(phone, BINARY_QUEUE_HIGH_BYTES + 60_000);
  await binary.breakProtocol();
  const late = await relay.dial('phone');
  expect(late.isPaused).toBe(false);
  await late.say('"anyone?"');
  expect(late.closed()).toEqual({ code: 4404, reason: 'no server with that id' });
});
