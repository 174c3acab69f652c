/** A service account with a real RSA key, and the check of what is signed with it. */
import { generateKeyPairSync, randomUUID, verify } from 'node:crypto';

/**
 * @typedef {object} ServiceAccount
 * @property {string} json the file that is downloaded for it
 * @property {string} tokenUri
 * @property {string} clientEmail
 * @property {string} keyId
 * @property {import('node:crypto').KeyObject} publicKey
 * @property {import('node:crypto').KeyObject} privateKey
 */

export const makeKeys = () => generateKeyPairSync('rsa', { modulusLength: 2048 });

/** @param {string} projectId @param {string} tokenUri @param {import('node:crypto').KeyPairKeyObjectResult} keys @returns {ServiceAccount} */
export const makeServiceAccount = (projectId, tokenUri, { publicKey, privateKey }) => {
  const clientEmail = `relay@${projectId}.iam.gserviceaccount.com`;
  const keyId = randomUUID();
  const file = {
    type: 'service_account',
    project_id: projectId,
    private_key_id: keyId,
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    client_email: clientEmail,
    token_uri: tokenUri,
  };
  return { json: JSON.stringify(file), tokenUri, clientEmail, keyId, publicKey, privateKey };
};

/** @param {string} part of a JWT @returns {Readonly<Record<string, unknown>>} */
const decode = (part) => JSON.parse(Buffer.from(part, 'base64url').toString());

const SKEW_S = 60;
const LONGEST_S = 3_600;

/**
 * What Google's token endpoint looks at.
 * @param {string} body of the request @param {ServiceAccount} account @param {number} nowMs
 * @returns {string | undefined} what is wrong
 */
export const findAssertionFault = (body, account, nowMs) => {
  const form = new URLSearchParams(body);
  if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') return 'grant_type';
  const [header = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
  const signed = Buffer.from(`${header}.${claims}`);
  if (!verify('sha256', signed, account.publicKey, Buffer.from(signature, 'base64url'))) return 'signature';
  const { alg, kid } = decode(header);
  if (alg !== 'RS256') return 'alg';
  if (kid !== account.keyId) return 'kid';
  const { iss, scope, aud, iat, exp } = decode(claims);
  if (iss !== account.clientEmail) return 'iss';
  if (scope !== 'https://www.googleapis.com/auth/firebase.messaging') return 'scope';
  if (aud !== account.tokenUri) return 'aud';
  if (typeof iat !== 'number' || typeof exp !== 'number') return 'iat, exp';
  const nowS = nowMs / 1_000;
  if (iat > nowS + SKEW_S || exp < nowS - SKEW_S) return 'time';
  return exp - iat > LONGEST_S ? 'lifetime' : undefined;
};
