/** Sends wakes through Firebase Cloud Messaging, HTTP v1 (spec section 10). */
import type { FcmCredentials } from '../../push/fcm-credentials.ts';
import type { CredentialOutcome, PushProvider, Wake, WakeOutcome } from '../../push/provider.ts';
import type { SignAssertion } from './assertion.ts';
import { type Fetch, type Post, postBounded, type StartTimer, startSystemTimer } from './bounded-answer.ts';
import { readSendAnswer } from './send-answer.ts';
import { readTokenAnswer } from './token-answer.ts';

export const FCM_ENDPOINT = 'https://fcm.googleapis.com';

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

export interface FcmProviderOptions {
  readonly credentials: FcmCredentials;
  /** As `isProjectId` has it. */
  readonly projectId: string;
  /** As `readServiceUrl` gives it; a path in it is kept. */
  readonly endpoint: URL;
  readonly signAssertion: SignAssertion;
  readonly fetch?: Fetch;
  readonly startTimer?: StartTimer;
  /** Wall clock: dates of assertions and of `Retry-After` count by it. */
  readonly nowMs?: () => number;
}

const sendUrl = (endpoint: URL, projectId: string): URL => {
  const folder = endpoint.pathname.endsWith('/') ? endpoint.pathname : `${endpoint.pathname}/`;
  const url = new URL(endpoint);
  url.pathname = `${folder}v1/projects/${projectId}/messages:send`;
  return url;
};

export const createFcmProvider = (options: FcmProviderOptions): PushProvider => {
  const { credentials, signAssertion, nowMs = Date.now } = options;
  const means = { fetch: options.fetch ?? fetch, startTimer: options.startTimer ?? startSystemTimer, nowMs };
  const url = sendUrl(options.endpoint, options.projectId);
  let bearer: string | undefined;

  const post = async (what: Post, signal: AbortSignal) => await postBounded(what, { ...means, signal });

  const authorize = async (signal: AbortSignal): Promise<CredentialOutcome> => {
    const assertion = await signAssertion(credentials, nowMs()).catch(() => undefined);
    if (assertion === undefined) return { kind: 'failed', reason: 'the key does not sign' };
    const posted = await post(
      {
        url: credentials.tokenUri,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ grant_type: GRANT_TYPE, assertion }).toString(),
      },
      signal,
    );
    if (posted.kind === 'failed') return posted;
    const outcome = readTokenAnswer(posted.answer);
    if (outcome.kind === 'failed') return outcome;
    ({ bearer } = outcome);
    return { kind: 'ready', expiresInMs: outcome.expiresInMs };
  };

  const send = async ({ token }: Wake, signal: AbortSignal): Promise<WakeOutcome> => {
    if (signal.aborted) return { kind: 'failed', reason: 'cancelled' };
    if (bearer === undefined) return { kind: 'unauthorized', reason: 'no bearer token' };
    const posted = await post(
      {
        url,
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        // No notification and no data: there is nothing in a wake that FCM could read.
        body: JSON.stringify({ message: { token, android: { priority: 'HIGH' } } }),
        isBodySpare: true,
      },
      signal,
    );
    return posted.kind === 'failed' ? posted : readSendAnswer(posted.answer);
  };

  return { platform: 'fcm', authorize, send };
};
