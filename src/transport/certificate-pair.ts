/** Checks a certificate and its key before the TLS listener is given them. No error quotes what is in them. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Certificate } from './certificate-source.ts';
import { type PemPair, serverContext } from './server-context.ts';

export type PairReading =
  | {
      readonly kind: 'pair';
      readonly certificate: Certificate;
      /** What clients may stumble over, one short text each. */
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'fault'; readonly err: string };

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

const fault = (err: string): PairReading => ({ kind: 'fault', err });

const readChain = (cert: string): readonly X509Certificate[] | undefined => {
  try {
    return (cert.match(PEM_CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem));
  } catch {
    return undefined;
  }
};

const readKey = (key: string): KeyObject | undefined => {
  try {
    return createPrivateKey(key);
  } catch {
    return undefined;
  }
};

/** `2026-11-26T22:00:00Z`. */
export const utcText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** Each handshake has one signature: 4.4 ms of CPU with 4096 bits, 0.4 with 2048, and 0.02 with ECDSA P-256 (`openssl speed`). */
const MAX_QUICK_RSA_BITS = 2_048;

const warningsOf = (
  chain: readonly X509Certificate[],
  key: KeyObject,
  { startsAtMs, expiresAtMs }: Certificate,
  nowMs: number,
): string[] => {
  const warnings: string[] = [];
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits > MAX_QUICK_RSA_BITS)
    warnings.push(
      `its RSA key of ${bits} bits makes each TLS handshake slow: use ECDSA P-256, or RSA of ${MAX_QUICK_RSA_BITS} bits`,
    );
  if (nowMs >= expiresAtMs) warnings.push(`the certificate has expired at ${utcText(expiresAtMs)}`);
  if (nowMs < startsAtMs) warnings.push(`the certificate is not valid before ${utcText(startsAtMs)}`);
  chain.forEach((issued, i) => {
    const issuer = chain[i + 1];
    if (issuer !== undefined && !issued.checkIssued(issuer))
      warnings.push(`certificate ${i + 2} of the chain is not the issuer of certificate ${i + 1}`);
  });
  return warnings;
};

/** @param pair PEM: the certificate, followed by those that have issued it, and its key without a password */
export const readPair = (pair: PemPair, nowMs: number): PairReading => {
  const chain = readChain(pair.cert);
  const [leaf] = chain ?? [];
  if (chain === undefined || leaf === undefined)
    return fault('the certificate file has no certificate in PEM, -----BEGIN CERTIFICATE-----');
  if (pair.key.includes('ENCRYPTED'))
    return fault('the key is encrypted: it is taken only without a password');
  const key = readKey(pair.key);
  if (key === undefined) return fault('the key file has no private key in PEM, -----BEGIN PRIVATE KEY-----');
  if (!leaf.checkPrivateKey(key)) return fault('the key is not the one of the first certificate in its file');
  const startsAtMs = Date.parse(leaf.validFrom);
  const expiresAtMs = Date.parse(leaf.validTo);
  try {
    const certificate = { context: serverContext(pair), startsAtMs, expiresAtMs };
    return { kind: 'pair', certificate, warnings: warningsOf(chain, key, certificate, nowMs) };
  } catch (error) {
    const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
    return fault(
      `OpenSSL does not take the certificate: ${typeof code === 'string' ? code : 'no reason given'}`,
    );
  }
};
