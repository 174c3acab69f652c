/** What the token endpoint answers (RFC 6749 section 5). */
import type { CredentialOutcome } from '../../push/provider.ts';
import type { Answer } from './bounded-answer.ts';
import { BEARER_LIFETIME_MS, MAX_BEARER_LIFETIME_MS } from './fcm-limits.ts';
import { member } from './json-members.ts';

/** RFC 6749 section 5.2, and what Google adds to it. Any other is left out. */
const ERRORS: ReadonlySet<unknown> = new Set([
  'access_denied',
  'admin_policy_enforced',
  'deleted_client',
  'disabled_client',
  'internal_failure',
  'invalid_client',
  'invalid_grant',
  'invalid_request',
  'invalid_scope',
  'org_internal',
  'rate_limit_exceeded',
  'server_error',
  'temporarily_unavailable',
  'unauthorized_client',
  'unsupported_grant_type',
]);

export type TokenOutcome =
  | { readonly kind: 'issued'; readonly bearer: string; readonly expiresInMs: number }
  | (CredentialOutcome & { readonly kind: 'failed' });

const fail = (reason: string): TokenOutcome => ({ kind: 'failed', reason });

const refusal = ({ status, body, retryAfterMs }: Answer): TokenOutcome => {
  const error = member(body, 'error');
  const reason = ERRORS.has(error) ? `status ${status} (${String(error)})` : `status ${status}`;
  return { kind: 'failed', reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
};

/** It becomes a header, so it must have the characters of one: `fetch` would name it in its error. */
const isBearer = (value: unknown): value is string => typeof value === 'string' && /^[!-~]+$/.test(value);

export const readTokenAnswer = (answer: Answer): TokenOutcome => {
  const { status, body } = answer;
  if (status < 200 || status > 299) return refusal(answer);
  const bearer = member(body, 'access_token');
  if (!isBearer(bearer)) return fail(`status ${status}, without a token`);
  const type = member(body, 'token_type');
  if (type !== undefined && !(typeof type === 'string' && type.toLowerCase() === 'bearer'))
    return fail(`status ${status}, with a token that is not a bearer token`);
  const expiresIn = member(body, 'expires_in');
  const expiresInMs = typeof expiresIn === 'number' ? expiresIn * 1_000 : BEARER_LIFETIME_MS;
  // Also of a number that is none.
  if (!(expiresInMs > 0)) return fail(`status ${status}, with a token that has expired`);
  return { kind: 'issued', bearer, expiresInMs: Math.min(expiresInMs, MAX_BEARER_LIFETIME_MS) };
};
