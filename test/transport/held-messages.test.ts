/** Messages of a claimant before it is admitted (docs/adr/0004). */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MAX_UNASKED_CONTROL_FRAMES } from '../../src/protocol/limits.ts';
import { clientFrame } from '../support/raw-socket.ts';
import { turnEnds } from '../support/turns.ts';
import { PROBE_TIMEOUT_MS, type WiredPeer, WiredRelay } from '../support/wired-relay.ts';

let relay: WiredRelay;
let holder: WiredPeer;
let claimant: WiredPeer;
beforeEach(async () => {
  relay = new WiredRelay();
  holder = await relay.dial('binary');
  claimant = await relay.dial('binary');
  expect(holder.pings()).toHaveLength(1);
});
afterEach(() => relay.dispose());

/** An envelope with an unknown conn id: it is dropped and reported. */
const envelope = (n: number): string => `{"conn_id":"c-${String(n).padStart(16, 'a')}","frame":1}`;
/** The ids of the envelopes that were read, in order. */
const read = (): string[] =>
  relay.observed('envelope.unknown_conn').map((seen) => ('connId' in seen ? seen.connId.slice(-1) : ''));

test('the messages of one read are held until the claimant is admitted, and then forwarded in order', async () => {
  await claimant.say(envelope(1), envelope(2), envelope(3));
  expect(read()).toEqual([]);
  await relay.pass(PROBE_TIMEOUT_MS);
  expect(relay.observed('binary.admitted').at(-1)).toMatchObject({ kind: 'takeover' });
  expect(read()).toEqual(['1', '2', '3']);
});

test('after its first message a claimant is not read until it is admitted, and later messages follow in order', async () => {
  await claimant.say(envelope(1));
  await claimant.say(envelope(2));
  expect(claimant.wire.readableLength).toBeGreaterThan(0);
  await relay.pass(PROBE_TIMEOUT_MS);
  expect(read()).toEqual(['1', '2']);
  await claimant.say(envelope(3));
  expect(read()).toEqual(['1', '2', '3']);
});

test('until its first message a claimant is read, so one that closes leaves the line', async () => {
  const second = await relay.dial('binary');
  await claimant.close();
  await relay.pass(PROBE_TIMEOUT_MS);
  expect(second.state).toMatchObject({ open: expect.anything() as unknown });
});

test('a claimant that sends too many pings is closed with 1008, and never gets the slot', async () => {
  const pings = Array.from({ length: MAX_UNASKED_CONTROL_FRAMES }, () => clientFrame('x', { opcode: 9 }));
  claimant.wire.arrive(Buffer.concat(pings));
  for (let turn = 0; turn < MAX_UNASKED_CONTROL_FRAMES / 10; turn++) await turnEnds();
  expect(claimant.closed()).toEqual({ code: 1008, reason: 'too many pings or pongs' });
  await relay.pass(PROBE_TIMEOUT_MS);
  expect(relay.observed('binary.admitted')).toHaveLength(1);
  expect(relay.observed('binary.refused')).toMatchObject([{ closeCode: 1008 }]);
});

test('the held messages of a refused claimant are dropped, and its answer to the close is read', async () => {
  holder.wire.stall();
  await claimant.say(envelope(1));
  holder.wire.flow();
  const [probe] = [...holder.pings(), Buffer.from('1')];
  await holder.pong(probe ?? Buffer.of());
  expect(claimant.closed()).toEqual({ code: 4409, reason: 'server-id already claimed' });
  await claimant.close(4409);
  expect(claimant.state).toEqual({ refused: 'finishing' });
  expect(read()).toEqual([]);
});

test('a held message that is rejected closes its claimant before the next is read', async () => {
  const notUtf8 = clientFrame(Buffer.from([0xff]), { opcode: 2 });
  claimant.wire.arrive(Buffer.concat([notUtf8, clientFrame(envelope(1))]));
  await relay.pass(PROBE_TIMEOUT_MS);
  expect(claimant.closed()).toMatchObject({ code: 1007 });
  expect(read()).toEqual([]);
});

test('of what one read brings, only the first message is parsed before the claimant is admitted', async () => {
  const many = Array.from({ length: 9 }, (_, i) => envelope(i));
  await claimant.say(...many);
  expect(claimant.adapter.messagesRead).toBe(1);
  await relay.pass(PROBE_TIMEOUT_MS);
  expect(read()).toEqual(many.map((_, i) => String(i)));
});
