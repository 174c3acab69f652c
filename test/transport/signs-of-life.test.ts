/** What shows the relay that a peer is alive, and that it reads what is written to it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MARK_SPACING_BYTES, MAX_CLOSE_EXTENSIONS } from '../../src/protocol/limits.ts';
import {
  HEARTBEAT_INTERVAL_MS,
  HEARTBEAT_TIMEOUT_MS,
  type WiredPeer,
  WiredRelay,
} from '../support/wired-relay.ts';

const CLOSE_TIMEOUT_MS = 5_000;

let relay: WiredRelay;
let binary: WiredPeer;
let phone: WiredPeer;
beforeEach(async () => {
  relay = new WiredRelay();
  binary = await relay.dial('binary');
  phone = await relay.dial('phone');
});
afterEach(() => relay.dispose());

const sendToPhone = async (bytes: number): Promise<void> =>
  await binary.say(`{"conn_id":"${phone.connId}","frame":"${'x'.repeat(bytes)}"}`);

describe('a heartbeat is answered', () => {
  const signs: [string, () => Promise<void>][] = [
    [
      'its pong',
      async () => {
        for (const ping of phone.pings()) await phone.pong(ping);
      },
    ],
    ['a message', async () => await phone.say('1')],
    ['a ping', async () => await phone.ping()],
    [
      'part of a message',
      () => {
        phone.wire.arrive(Buffer.from([0x81]));
        return Promise.resolve();
      },
    ],
  ];
  test.each(signs)('by %s', async (_, show) => {
    await relay.pass(HEARTBEAT_INTERVAL_MS);
    expect(phone.state).toEqual({ open: 'pinged' });
    await show();
    await relay.pass(0);
    expect(phone.state).toEqual({ open: 'quiet' });
  });

  test('not by what was read before it', async () => {
    await relay.pass(HEARTBEAT_INTERVAL_MS - 1);
    await phone.say('1');
    await relay.pass(1);
    await relay.pass(HEARTBEAT_TIMEOUT_MS);
    expect(phone.closed()).toEqual({ code: 1011, reason: 'heartbeat timeout' });
  });
});

describe('a probe is answered', () => {
  test('by a message of the holder: its pong may wait behind it', async () => {
    const claimant = await relay.dial('binary');
    await sendToPhone(1);
    expect(claimant.closed()).toMatchObject({ code: 4409 });
    expect(phone.heard()).toEqual(['"x"']);
  });

  test('not by the close frame of the holder: the claimant gets its place', async () => {
    const claimant = await relay.dial('binary');
    await binary.close();
    expect(claimant.closed()).toBeUndefined();
    expect(relay.observed('binary.admitted').at(-1)).toMatchObject({ kind: 'reclaim' });
  });

  test('not by what the holder sent before it', async () => {
    await sendToPhone(1);
    const claimant = await relay.dial('binary');
    expect(claimant.closed()).toBeUndefined();
  });
});

/** A payload is a number and a tag. */
const numbersOf = (pings: readonly Buffer[]): number[] =>
  pings.map((ping) => Number.parseInt(ping.toString(), 10));

describe('marks', () => {
  test('follow each 120 KiB, between two chunks, and count up with the other pings', async () => {
    await sendToPhone(MARK_SPACING_BYTES / 2);
    expect(phone.pings()).toEqual([]);
    await sendToPhone(MARK_SPACING_BYTES / 2);
    expect(numbersOf(phone.pings())).toEqual([1]);
    await sendToPhone(2.5 * MARK_SPACING_BYTES);
    expect(numbersOf(phone.pings())).toEqual([2, 3]);
    await relay.pass(HEARTBEAT_INTERVAL_MS);
    expect(numbersOf(phone.pings())).toEqual([4]);
  });

  test('are not due soon after a heartbeat, which is one', async () => {
    await sendToPhone(MARK_SPACING_BYTES - 1_000);
    await relay.pass(HEARTBEAT_INTERVAL_MS);
    await sendToPhone(MARK_SPACING_BYTES - 1_000);
    expect(numbersOf(phone.pings())).toEqual([1]);
  });
});

describe('a phone that is closed', () => {
  const marks = (): Buffer[] => phone.pings();

  test('has its time to answer again with each mark that it answers', async () => {
    await sendToPhone(3 * MARK_SPACING_BYTES);
    await binary.say(`{"conn_id":"${phone.connId}","close_code":4401}`);
    for (const mark of marks()) {
      await relay.pass(CLOSE_TIMEOUT_MS - 1);
      await phone.pong(mark);
    }
    await relay.pass(CLOSE_TIMEOUT_MS - 1);
    expect(phone.hasEnded).toBe(false);
    await phone.close(4401);
    await phone.hangUp();
    expect(phone.hasEnded).toBe(true);
  });

  test('is cut in the end if it answers one old mark after another', async () => {
    for (let sent = 0; sent < MAX_CLOSE_EXTENSIONS + 2; sent++) await sendToPhone(MARK_SPACING_BYTES);
    const late = marks();
    expect(late).toHaveLength(MAX_CLOSE_EXTENSIONS + 2);
    await binary.say(`{"conn_id":"${phone.connId}","close_code":4401}`);
    for (const mark of late) {
      expect(phone.hasEnded).toBe(false);
      await relay.pass(CLOSE_TIMEOUT_MS - 1);
      await phone.pong(mark);
    }
    await relay.pass(2);
    expect(phone.hasEnded).toBe(true);
  });

  test('is cut in time if it only goes on sending, or answers the same mark again', async () => {
    await sendToPhone(MARK_SPACING_BYTES);
    const [mark = ''] = marks();
    await phone.pong(mark);
    await binary.say(`{"conn_id":"${phone.connId}","close_code":4401}`);
    await relay.pass(CLOSE_TIMEOUT_MS - 1);
    await phone.say('1');
    await phone.pong(mark);
    await relay.pass(1);
    expect(phone.hasEnded).toBe(true);
  });
});
