/**
 * The key of a service account that may send through Firebase Cloud Messaging, as the Google Cloud console gives it: a JSON object
 * with `type`, `client_email`, `private_key`, and mostly `private_key_id`, `token_uri` and `project_id`. Other members are ignored.
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { readServiceUrl } from './service-url.ts';

export interface FcmCredentials {
  readonly clientEmail: string;
  /** RSA. Prints as its type: no log or error that it ends in shows the key. */
  readonly privateKey: KeyObject;
  /** Null if the file does not say. */
  readonly privateKeyId: string | null;
  /** Where an assertion is exchanged for a bearer token. */
  readonly tokenUri: URL;
  /** Null if the file does not say. */
  readonly projectId: string | null;
}

/** `err` says which member is wrong and what is accepted. It never quotes: the content is a secret. */
export type FcmCredentialsReading = { readonly credentials: FcmCredentials } | { readonly err: string };

const DEFAULT_TOKEN_URI = 'https://oauth2.googleapis.com/token';
/** Fewer bits are refused by RS256 (RFC 7518 section 3.3). */
const MIN_KEY_BITS = 2_048;

/** It becomes a segment of a path. Old projects have a domain in front, as `example.com:project`. */
export const isProjectId = (text: string): boolean => /^[a-z][a-z0-9.:-]{0,99}$/.test(text);

const parseObject = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    // An object that was parsed has nothing but members.
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    // The error would quote the text.
    return undefined;
  }
};

/** PKCS#8 or PKCS#1. Undefined for what is no key, or encrypted. */
const readKey = (pem: string): KeyObject | undefined => {
  try {
    return createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    return undefined;
  }
};

/** False if its numbers are of different keys: OpenSSL reads it, and Google would refuse each signature. */
const isConsistent = (key: KeyObject): boolean => {
  const probe = Buffer.from('probe');
  try {
    return verify('sha256', probe, createPublicKey(key), sign('sha256', probe, key));
  } catch {
    return false;
  }
};

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
/** As in the Go relay: null and '' are as good as nothing. */
const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === '';

export const parseFcmCredentials = (text: string): FcmCredentialsReading => {
  const found = parseObject(text);
  if (found === undefined) return { err: 'not a JSON object' };
  const { type, client_email, private_key, private_key_id, token_uri, project_id } = found;
  if (type !== 'service_account')
    return { err: '"type" is not "service_account": take the key of a service account' };
  if (!isText(client_email)) return { err: '"client_email" is missing' };
  if (!isText(private_key)) return { err: '"private_key" is missing' };
  const privateKey = readKey(private_key);
  if (privateKey?.asymmetricKeyType !== 'rsa')
    return { err: '"private_key" is not an RSA key in PEM without a password' };
  if ((privateKey.asymmetricKeyDetails?.modulusLength ?? 0) < MIN_KEY_BITS)
    return { err: `"private_key" has fewer than ${MIN_KEY_BITS} bits` };
  if (!isConsistent(privateKey))
    return { err: '"private_key" does not sign: its parts do not belong together' };
  if (!isAbsent(private_key_id) && !isText(private_key_id))
    return { err: '"private_key_id" is not a string' };
  const given = isAbsent(token_uri) ? DEFAULT_TOKEN_URI : token_uri;
  const tokenUri = isText(given) ? readServiceUrl(given) : undefined;
  if (tokenUri === undefined)
    return { err: '"token_uri" is not an https:// URL, or an http:// one of this machine' };
  if (!isAbsent(project_id) && !(isText(project_id) && isProjectId(project_id)))
    return { err: '"project_id" is not the id of a project' };
  return {
    credentials: {
      clientEmail: client_email,
      privateKey,
      privateKeyId: isText(private_key_id) ? private_key_id : null,
      tokenUri,
      projectId: isText(project_id) ? project_id : null,
    },
  };
};
