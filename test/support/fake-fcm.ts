/** A provider in front of a fake FCM, on real sockets. */
import type { ServerResponse } from 'node:http';
import { expect } from 'vitest';
import { type FakeFcm, type Script, startFakeFcm } from '../../scripts/demo/fake-fcm.js';
import { makeKeys } from '../../scripts/demo/service-account.js';
import { type FcmCredentials, parseFcmCredentials } from '../../src/push/fcm-credentials.ts';
import type { CredentialOutcome, PushProvider, WakeOutcome } from '../../src/push/provider.ts';
import { loadAssertionSigner } from '../../src/transport/fcm/assertion.ts';
import type { StartTimer } from '../../src/transport/fcm/bounded-answer.ts';
import { createFcmProvider } from '../../src/transport/fcm/fcm-provider.ts';

export { type FakeFcm, fcmError } from '../../scripts/demo/fake-fcm.js';

/** @throws if they are refused */
const credentialsOf = (json: string): FcmCredentials => {
  const read = parseFcmCredentials(json);
  if ('err' in read) throw new Error(read.err);
  return read.credentials;
};

export interface FcmUnderTest extends AsyncDisposable {
  readonly fake: FakeFcm;
  readonly provider: PushProvider;
}

const KEYS = makeKeys();

/** @param path of `--fcm-endpoint`, if that is the fake */
export const openFcm = async ({
  path = '',
  endpoint = '',
  nowMs = Date.now,
  fetch: fetchAnswer = fetch,
  startTimer = undefined as StartTimer | undefined, // As in the provider: its own timers, unless it is given.
} = {}): Promise<FcmUnderTest> => {
  const fake = await startFakeFcm('demo-project', KEYS);
  const provider = createFcmProvider({
    credentials: credentialsOf(fake.credentials),
    projectId: fake.projectId,
    endpoint: new URL(endpoint === '' ? `${fake.url}${path}` : endpoint),
    signAssertion: await loadAssertionSigner(),
    fetch: fetchAnswer,
    nowMs,
    ...(startTimer && { startTimer }),
  });
  return { fake, provider, [Symbol.asyncDispose]: async () => await fake.stop() };
};

/** A signal that is never aborted. */
export const patient: AbortSignal = new AbortController().signal;

export const TOKEN = 'push-token-of-a-phone';
export const WAKE = { token: TOKEN };

/** With a bearer token. */
export const openAuthorized = async (options: Parameters<typeof openFcm>[0] = {}): Promise<FcmUnderTest> => {
  const fcm = await openFcm(options);
  expect(await fcm.provider.authorize(patient)).toStrictEqual({ kind: 'ready', expiresInMs: 3_599_000 });
  return fcm;
};

/** What one send comes to that is answered as the script says. */
export const sendAnswered = async (script: Script): Promise<WakeOutcome> => {
  await using fcm = await openAuthorized();
  fcm.fake.sendScripts.push(script);
  return await fcm.provider.send(WAKE, patient);
};

/** The same of a request for a bearer token. */
export const authorizeAnswered = async (script: Script): Promise<CredentialOutcome> => {
  await using fcm = await openFcm();
  fcm.fake.tokenScripts.push(script);
  return await fcm.provider.authorize(patient);
};

/** Resolves once the fake has had its next request. */
export const nextRequest = async (fake: FakeFcm): Promise<void> =>
  await new Promise((resolve) => {
    fake.onRequest = () => resolve();
  });

/** Never answers. */
export const hang = (): void => {};

/** Sends a head and the beginning of a body, and then nothing. */
export const hangInBody = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"name":');
};

/** Ends the connection in the middle of the body. */
export const breakOff =
  (status: number) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { 'content-length': 100 });
    response.write('{"name":', () => response.destroy());
  };

/** Bytes that are no HTTP. */
export const talkNonsense = (response: ServerResponse): void => {
  response.socket?.end('220 secret.example.org ESMTP\r\n\r\n');
};
