/** Certificates of `wss://` targets that no public authority has signed. */
import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { ConfigError } from '../config/read-config.ts';
import { readTextFile } from '../config/text-file.ts';

/** Every certificate that Linux distributions trust is 250 KB in one file. */
const MAX_CA_BYTES = 4 * 1024 * 1024;

const PEM = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

const isCertificate = (pem: string): boolean => {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
};

/**
 * The certificates in a PEM file, and those that Node trusts by itself.
 * @throws ConfigError naming the file
 */
export const readTrusted = async (file: string): Promise<readonly string[]> => {
  const found = (await readTextFile(file, MAX_CA_BYTES)).match(PEM) ?? [];
  if (found.length > 0 && found.every(isCertificate)) return [...rootCertificates, ...found];
  throw new ConfigError(`--ca ${file}: takes certificates in PEM, -----BEGIN CERTIFICATE-----`);
};

/** OpenSSL's names for a certificate whose signer is not known. */
const MISTRUST: ReadonlySet<unknown> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Whether a dial failed because the signer of the target's certificate is not known. */
export const isMistrust = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && MISTRUST.has(error.code);
