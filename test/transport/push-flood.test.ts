/** A binary that asks for more wakes than it may: what it costs others, counted in turns of the event loop. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { READ_SHARE_FRAMES } from '../../src/protocol/limits.ts';
import { MAX_WAKES_IN_FLIGHT } from '../../src/protocol/push-limits.ts';
import { WAKE_BURST } from '../../src/push/limits.ts';
import { clientFrame } from '../support/raw-socket.ts';
import { ScriptedPush, wakeText } from '../support/scripted-push.ts';
import { turnEnds } from '../support/turns.ts';
import { settle, type WiredPeer, WiredRelay } from '../support/wired-relay.ts';

const SHARES = 20;
const FLOODERS = 16;

let relay: WiredRelay;
let push: ScriptedPush;
beforeEach(() => {
  push = new ScriptedPush();
  push.answerTo = () => undefined;
  relay = new WiredRelay({ pushProvider: push });
});
afterEach(() => relay.dispose());

const refused = (): number => relay.observed('envelope.push_wake').length;

/** All in one read. */
const flood = (binary: WiredPeer, frames: number): void => {
  binary.wire.arrive(Buffer.concat(Array.from({ length: frames }, (_, n) => clientFrame(wakeText(`t${n}`)))));
};

test('the frames of a quiet pair pass while sixteen binaries flood: none waits for more than a share of each', async () => {
  const quiet = await relay.dial('binary', 'quiet');
  const phone = await relay.dial('phone', 'quiet');
  const flooders = await Promise.all(
    Array.from({ length: FLOODERS }, async (_, n) => await relay.dial('binary', `flood ${n}`)),
  );
  for (const binary of flooders) flood(binary, SHARES * READ_SHARE_FRAMES);
  for (let frames = 1; frames <= 5; frames++) {
    const before = refused();
    phone.wire.arrive(clientFrame(String(frames)));
    quiet.wire.arrive(clientFrame(JSON.stringify({ conn_id: phone.connId, frame: frames })));
    await turnEnds();
    expect(quiet.heard()).toHaveLength(1);
    expect(phone.heard()).toHaveLength(1);
    expect(refused() - before).toBeLessThanOrEqual(FLOODERS * READ_SHARE_FRAMES);
  }
  // The flood goes on after them.
  expect(refused()).toBeLessThan(FLOODERS * SHARES * READ_SHARE_FRAMES - MAX_WAKES_IN_FLIGHT);
  for (let turns = 0; turns < FLOODERS * SHARES + 10; turns++) await turnEnds();
  await settle();
  expect(refused() + push.tokens.length).toBe(FLOODERS * SHARES * READ_SHARE_FRAMES);
});

test('another binary still wakes its phones, whatever one asks for', async () => {
  const flooder = await relay.dial('binary', 'flood');
  const other = await relay.dial('binary', 'other');
  flood(flooder, SHARES * READ_SHARE_FRAMES);
  await settle();
  await other.say(wakeText('mine'));
  for (let turns = 0; turns < SHARES + 10; turns++) await turnEnds();
  expect(push.tokens.filter((token) => token !== 'mine')).toHaveLength(WAKE_BURST);
  expect(push.tokens).toContain('mine');
});
