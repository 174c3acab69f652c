/** Wakes through a push service on loopback, whatever it answers, and when. */
import { expect } from 'vitest';
import type { FakeFcm } from '../../../scripts/demo/fake-fcm.js';
import type { TestRelay } from '../../support/relay.ts';
import type { ScriptedPush } from '../../support/scripted-push.ts';
import { pushStateOf } from '../watched-root.ts';
import { ask, askHeld, busy, DENIED, HeldRequest, optionsFor } from './fcm.ts';
import { until } from './played-peers.ts';

const untilPush = async (relay: TestRelay, state: string): Promise<void> =>
  await until(() => pushStateOf(relay) === `push.${state}`);

const sent = async (relay: TestRelay): Promise<void> => void (await relay.logged('push_wake_sent'));
const failed = async (relay: TestRelay, err: RegExp): Promise<void> =>
  expect((await relay.logged('push_wake_send_failed')).fields['err']).toMatch(err);

/** The relay was started without a provider. It gets one, and another while the first is asked. */
const changeProvider = async (relay: TestRelay, fake: FakeFcm): Promise<void> => {
  await relay.reload(optionsFor(fake));
  const unanswered = new HeldRequest(fake.tokenScripts);
  await ask(relay, 'first');
  await unanswered.came;
  await ask(relay, 'second');
  fake.rotateKey();
  await relay.reload(optionsFor(fake));
  for (let n = 0; n < 2; n++) await sent(relay);
};

/** Two wakes are refused with the same bearer token: one before, one after the next one has come. */
const refuseBearer = async (relay: TestRelay, fake: FakeFcm): Promise<void> => {
  const early = [await askHeld(relay, fake, 'a'), await askHeld(relay, fake, 'b')];
  const fetch = new HeldRequest(fake.tokenScripts);
  early[0]?.refuse();
  await fetch.came;
  early[1]?.refuse();
  await until(async () => (await relay.metric('actors{machine="wake",state="awaitingCredential"}')) === 2);
  fetch.issue(fake);
  for (let n = 0; n < 2; n++) await sent(relay);

  const late = [await askHeld(relay, fake, 'c'), await askHeld(relay, fake, 'd')];
  for (const send of late) {
    send.refuse();
    await sent(relay);
  }
};

/** The next bearer token is refused too. Then wakes fail, until the operator reloads. */
const refuseNextBearer = async (relay: TestRelay, fake: FakeFcm): Promise<void> => {
  const [first, waiting] = [await askHeld(relay, fake, 'e'), await askHeld(relay, fake, 'f')];
  const again = new HeldRequest(fake.sendScripts);
  first.refuse();
  await again.came;
  (await askHeld(relay, fake, 'g')).refuse();
  await failed(relay, /the new credential was refused too/);
  again.refuse();
  await failed(relay, /status 401/);
  waiting.refuse();
  await failed(relay, /the last one has failed/);
  await ask(relay, 'h');
  await failed(relay, /the last one has failed/);
  await relay.reload(optionsFor(fake));
  await untilPush(relay, 'on.idle');
};

/** No bearer token is issued; then one that is old before its wake is refused. */
const letGrowOld = async (relay: TestRelay, fake: FakeFcm): Promise<void> => {
  fake.tokenScripts.push(DENIED);
  await ask(relay, 'i');
  await failed(relay, /invalid_grant/);
  await untilPush(relay, 'on.idle');
  fake.expiresIn = 1;
  const send = await askHeld(relay, fake, 'j');
  fake.expiresIn = 3_599;
  await untilPush(relay, 'on.idle');
  send.refuse();
  await sent(relay);
};

const beBusy = async (relay: TestRelay, fake: FakeFcm): Promise<void> => {
  fake.sendScripts.push(busy(0));
  await ask(relay, 'k');
  await sent(relay);
  fake.sendScripts.push(busy(0), busy(0));
  await ask(relay, 'l');
  await failed(relay, /status 503/);
};

/** With one wake that waits for its second try, and one that is sent. */
const endInFlight = async (relay: TestRelay, fake: FakeFcm, end: () => Promise<unknown>): Promise<void> => {
  fake.sendScripts.push(busy(9));
  await ask(relay, 'm');
  await until(
    async () => (await relay.metric('actors{machine="wake",state="delivering.waitingToRetry"}')) === 1,
  );
  await askHeld(relay, fake, 'n');
  await end();
  for (let n = 0; n < 2; n++) await failed(relay, /push is switched off|cancelled/);
};

export const wakeAll = async (relay: TestRelay, fake: FakeFcm): Promise<void> => {
  await changeProvider(relay, fake);
  await refuseBearer(relay, fake);
  await refuseNextBearer(relay, fake);
  await letGrowOld(relay, fake);
  await beBusy(relay, fake);
  await endInFlight(relay, fake, async () => await relay.reload({}));
  await untilPush(relay, 'off');
  await relay.reload(optionsFor(fake));
  await endInFlight(relay, fake, async () => await relay.stop());
};

/** The relay's time for a fetch is short. */
export const fetchTooLong = async (relay: TestRelay, fake: FakeFcm): Promise<void> => {
  void new HeldRequest(fake.tokenScripts);
  await ask(relay, 'o');
  await failed(relay, /timed out/);
};

/** The relay's time for a wake is short. */
export const sendTooLong = async (relay: TestRelay, fake: FakeFcm): Promise<void> => {
  await askHeld(relay, fake, 'p');
  await failed(relay, /timed out/);
};

const throwing = {
  get retryAfterMs(): number {
    throw new Error('broken');
  },
  get expiresInMs(): number {
    throw new Error('broken');
  },
};

/** A provider of a program that embeds the relay: of its answers, first the chart of a wake throws, then that of push. */
export const breakProvider = async (relay: TestRelay, push: ScriptedPush): Promise<void> => {
  push.answerTo = () => Object.assign(Object.create(throwing), { kind: 'busy', reason: 'r', quota: false });
  await ask(relay, 'q');
  await failed(relay, /internal error/);
  push.credential = Object.assign(Object.create(throwing), { kind: 'ready' });
  push.answerTo = () => ({ kind: 'unauthorized', reason: 'status 401' });
  await ask(relay, 'r');
  await failed(relay, /internal error/);
};
