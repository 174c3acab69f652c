/** What `messages:send` answers (https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode), classified as in spec section 10. */
import type { WakeOutcome } from '../../push/provider.ts';
import type { Answer } from './bounded-answer.ts';
import { QUOTA_RETRY_MS } from './fcm-limits.ts';
import { member } from './json-members.ts';

const FCM_ERROR = 'type.googleapis.com/google.firebase.fcm.v1.FcmError';

/** Names of its own that the provider may put into a line of the log; any other text of its is left out. */
const codeIn = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[A-Z0-9_]{1,64}$/.test(value) ? value : undefined;

const messageIdIn = (body: unknown): string | undefined => {
  const name = member(body, 'name');
  return typeof name === 'string' && /^[A-Za-z0-9/:%_-]{1,256}$/.test(name) ? name : undefined;
};

const errorCodeIn = (details: unknown): string | undefined => {
  const list: readonly unknown[] = Array.isArray(details) ? details : [];
  return codeIn(
    member(
      list.find((detail) => member(detail, '@type') === FCM_ERROR),
      'errorCode',
    ),
  );
};

const isBusy = (status: number): boolean => status === 429 || (status >= 500 && status <= 599);

export const readSendAnswer = ({ status, body, retryAfterMs }: Answer): WakeOutcome => {
  if (status >= 200 && status <= 299) {
    const messageId = messageIdIn(body);
    return { kind: 'sent', ...(messageId !== undefined && { messageId }) };
  }
  const error = member(body, 'error');
  const errorStatus = codeIn(member(error, 'status'));
  const errorCode = errorCodeIn(member(error, 'details'));
  const codes = [errorStatus, errorCode].filter((code) => code !== undefined);
  const reason = codes.length === 0 ? `status ${status}` : `status ${status} (${codes.join(', ')})`;
  if (errorCode === 'UNREGISTERED') return { kind: 'unregistered', reason };
  // A 401 with this code is about the account of another push service behind FCM: a new bearer token would not help.
  if (status === 401 && errorCode !== 'THIRD_PARTY_AUTH_ERROR') return { kind: 'unauthorized', reason };
  if (isBusy(status)) {
    const quota = status === 429 || errorStatus === 'RESOURCE_EXHAUSTED' || errorCode === 'QUOTA_EXCEEDED';
    const waitMs = retryAfterMs ?? (status === 429 ? QUOTA_RETRY_MS : undefined);
    return { kind: 'busy', reason, quota, ...(waitMs !== undefined && { retryAfterMs: waitMs }) };
  }
  // FCM looks at the bearer token first. A redirect is of something in between.
  const isCredentialGood = status >= 400 && status <= 499 && status !== 401;
  return { kind: 'failed', reason, ...(isCredentialGood && { isCredentialGood }) };
};
