/** Answers to pings: how many may wait, and what becomes of a peer that sends too many control frames. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_PENDING_PONGS, MAX_UNASKED_CONTROL_FRAMES } from '../../src/protocol/limits.ts';
import { Pongs } from '../../src/transport/pongs.ts';
import { clientFrame } from '../support/raw-socket.ts';
import { turnEnds } from '../support/turns.ts';
import { settle, type WiredPeer, WiredRelay } from '../support/wired-relay.ts';

test('of the pings read while many pongs wait, only the last is answered', () => {
  const sent: string[] = [];
  const waiting: (() => void)[] = [];
  const pongs = new Pongs({
    pong: (payload, written) => {
      sent.push(payload.toString());
      waiting.push(written);
    },
  });
  for (let ping = 0; ping < MAX_PENDING_PONGS + 50; ping++) pongs.answer(Buffer.from(String(ping)));
  expect(sent).toHaveLength(MAX_PENDING_PONGS);
  waiting.shift()?.();
  expect(sent.slice(MAX_PENDING_PONGS)).toEqual([String(MAX_PENDING_PONGS + 49)]);
  waiting.shift()?.();
  expect(sent).toHaveLength(MAX_PENDING_PONGS + 1);
});

describe('a phone', () => {
  let relay: WiredRelay;
  let phone: WiredPeer;
  beforeEach(async () => {
    relay = new WiredRelay();
    await relay.dial('binary');
    phone = await relay.dial('phone');
  });
  afterEach(() => relay.dispose());

  const arrive = async (count: number, opcode: number): Promise<void> => {
    phone.wire.arrive(Buffer.concat(Array.from({ length: count }, () => clientFrame('x', { opcode }))));
    for (let turn = 0; turn < count / 10; turn++) await turnEnds();
  };

  test('that sends 100 pings in one read stays, and its last one is answered', async () => {
    await arrive(100, 9);
    await phone.ping();
    expect(phone.pongs().at(-1)?.toString()).toBe('are you there?');
    expect(phone.state).toMatchObject({ open: expect.anything() as unknown });
  });

  test.each([
    ['pings', 9],
    ['pongs that answer no ping', 10],
  ])('that sends too many %s is closed with 1008', async (_, opcode) => {
    await arrive(MAX_UNASKED_CONTROL_FRAMES - 1, opcode);
    expect(phone.closed()).toBeUndefined();
    await arrive(1, opcode);
    expect(phone.closed()).toEqual({ code: 1008, reason: 'too many pings or pongs' });
  });

  test('is not closed for the pongs that answer pings', async () => {
    await arrive(MAX_UNASKED_CONTROL_FRAMES - 1, 10);
    await relay.pass(30_000);
    for (const ping of phone.pings()) await phone.pong(ping);
    await settle();
    expect(phone.closed()).toBeUndefined();
  });
});
