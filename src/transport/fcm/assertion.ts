/**
 * The assertion that is exchanged for a bearer token (RFC 7523): a JWT signed with the key of the service account, through the optional
 * package `jose`.
 */
import type { FcmCredentials } from '../../push/fcm-credentials.ts';
import { loadOptional } from '../optional-package.ts';
import { ASSERTION_BACKDATE_MS, BEARER_LIFETIME_MS } from './fcm-limits.ts';

/** The right to send, and nothing else. */
const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';

/** @returns a compact JWS, which is a secret until it expires */
export type SignAssertion = (credentials: FcmCredentials, nowMs: number) => Promise<string>;

/** @throws PackageMissing */
export const loadAssertionSigner = async (): Promise<SignAssertion> => {
  const { SignJWT } = await loadOptional('jose', async () => await import('jose'));
  return async ({ clientEmail, privateKey, privateKeyId, tokenUri }, nowMs) => {
    const issuedAtS = Math.floor((nowMs - ASSERTION_BACKDATE_MS) / 1_000);
    return await new SignJWT({ scope: SCOPE })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(privateKeyId !== null && { kid: privateKeyId }) })
      .setIssuer(clientEmail)
      .setAudience(tokenUri.href)
      .setIssuedAt(issuedAtS)
      .setExpirationTime(issuedAtS + BEARER_LIFETIME_MS / 1_000)
      .sign(privateKey);
  };
};
