/** The FCM provider against a fake that checks signatures and bearer tokens, on real sockets. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Script } from '../../../scripts/demo/fake-fcm.js';
import { FCM_ENDPOINT } from '../../../src/transport/fcm/fcm-provider.ts';
import {
  breakOff,
  type FcmUnderTest,
  fcmError,
  hang,
  hangInBody,
  nextRequest,
  openAuthorized,
  openFcm,
  patient,
  TOKEN,
  talkNonsense,
  WAKE,
} from '../../support/fake-fcm.ts';

test('a wake goes out with a token that was fetched once, and nothing else in it', async () => {
  await using fcm = await openAuthorized();
  for (const token of ['a', 'b:c', 'ü"\\\u0000\ud800']) {
    expect(await fcm.provider.send({ token }, patient)).toMatchObject({ kind: 'sent' });
  }
  expect(fcm.fake.woken).toStrictEqual(['a', 'b:c', 'ü"\\\u0000\ud800']);
  expect([fcm.fake.tokenRequests, fcm.fake.sendRequests, fcm.fake.faults]).toStrictEqual([1, 3, []]);
});

test('the name of the message is kept', async () => {
  await using fcm = await openAuthorized();
  expect(await fcm.provider.send(WAKE, patient)).toStrictEqual({
    kind: 'sent',
    messageId: 'projects/demo-project/messages/0:1%fake',
  });
});

test('wakes go to FCM unless an endpoint is given', () => {
  expect(FCM_ENDPOINT).toBe('https://fcm.googleapis.com');
});

test.each(['/proxy', '/proxy/'])('the path of an endpoint %s stays in front', async (path) => {
  await using fcm = await openAuthorized({ path });
  expect(await fcm.provider.send(WAKE, patient)).toMatchObject({ kind: 'failed' });
  expect(fcm.fake.paths.at(-1)).toBe('/proxy/v1/projects/demo-project/messages:send');
});

test('without a bearer token nothing is sent', async () => {
  await using fcm = await openFcm();
  expect(await fcm.provider.send(WAKE, patient)).toStrictEqual({
    kind: 'unauthorized',
    reason: 'no bearer token',
  });
  expect(fcm.fake.sendRequests).toBe(0);
});

test('a bearer token that is revoked is told, and a new one is used from then on', async () => {
  await using fcm = await openAuthorized();
  fcm.fake.bearers.clear();
  expect(await fcm.provider.send(WAKE, patient)).toStrictEqual({
    kind: 'unauthorized',
    reason: 'status 401 (UNAUTHENTICATED)',
  });
  expect(await fcm.provider.authorize(patient)).toMatchObject({ kind: 'ready' });
  expect(await fcm.provider.send(WAKE, patient)).toMatchObject({ kind: 'sent' });
});

test('a key that was rotated away is refused, and the bearer token before stays in use', async () => {
  await using fcm = await openAuthorized();
  fcm.fake.rotateKey();
  expect(await fcm.provider.authorize(patient)).toStrictEqual({
    kind: 'failed',
    reason: 'status 400 (invalid_grant)',
  });
  expect(fcm.fake.faults).toStrictEqual(['signature']);
  expect(await fcm.provider.send(WAKE, patient)).toMatchObject({ kind: 'sent' });
});

test('a clock that is wrong by hours is refused by the token endpoint', async () => {
  await using fcm = await openFcm({ nowMs: () => Date.now() + 7_200_000 });
  expect(await fcm.provider.authorize(patient)).toMatchObject({ kind: 'failed' });
  expect(fcm.fake.faults).toStrictEqual(['time']);
});

describe('an aborted signal ends', () => {
  const cancelled = { kind: 'failed', reason: 'cancelled' };

  /** Aborts both kinds of requests at `moment`. */
  const abortAt = async (fcm: FcmUnderTest, script: Script, moment: () => Promise<void>): Promise<void> => {
    fcm.fake.sendScripts.push(script);
    fcm.fake.tokenScripts.push(script);
    for (const ask of [
      async (signal: AbortSignal) => await fcm.provider.send(WAKE, signal),
      async (signal: AbortSignal) => await fcm.provider.authorize(signal),
    ]) {
      const controller = new AbortController();
      const come = moment();
      const outcome = ask(controller.signal);
      await come;
      controller.abort();
      expect(await outcome).toStrictEqual(cancelled);
    }
  };

  test('a request that nothing answers', async () => {
    await using fcm = await openAuthorized();
    await abortAt(fcm, hang, async () => await nextRequest(fcm.fake));
  });

  test('an answer that stops in its body', async () => {
    let answered = (): void => {};
    const noting: typeof fetch = async (...args) => {
      const response = await fetch(...args);
      answered();
      return response;
    };
    await using fcm = await openAuthorized({ fetch: noting });
    await abortAt(fcm, hangInBody, async () => {
      await new Promise<void>((resolve) => {
        answered = resolve;
      });
    });
  });

  test('what has not begun', async () => {
    await using fcm = await openFcm();
    expect(await fcm.provider.send(WAKE, AbortSignal.abort())).toStrictEqual(cancelled);
    expect(await fcm.provider.authorize(AbortSignal.abort())).toStrictEqual(cancelled);
    expect(fcm.fake.paths).toStrictEqual([]);
  });
});

test('no outcome and no provider shows a secret', async () => {
  await using fcm = await openAuthorized();
  const secrets = [TOKEN, 'fake-bearer', 'PRIVATE KEY', 'free text', fcm.fake.account.clientEmail];
  const outcomes: unknown[] = [fcm.provider];
  for (const script of [fcmError(400, 'X', 'Y'), talkNonsense, breakOff(400), { status: 302 }]) {
    fcm.fake.sendScripts.push(script);
    outcomes.push(await fcm.provider.send(WAKE, patient));
    fcm.fake.tokenScripts.push(script);
    outcomes.push(await fcm.provider.authorize(patient));
  }
  const shown = inspect(outcomes, { depth: 9, showHidden: true });
  for (const secret of secrets) expect(shown).not.toContain(secret);
});
