/** A private key and its chain of certificates, in one PEM text: one file cannot hold halves of two pairs. */
import { X509Certificate } from 'node:crypto';
import { readPair } from '../certificate-pair.ts';
import type { Certificate } from '../certificate-source.ts';

const BEGIN = '-----BEGIN ';

/** Node quotes a name that contains a separator; none of ours does. */
const namesOf = (certificate: X509Certificate): Set<string> =>
  new Set(
    (certificate.subjectAltName ?? '')
      .split(', ')
      .filter((entry) => entry.startsWith('DNS:'))
      .map((entry) => entry.slice('DNS:'.length).toLowerCase()),
  );

/**
 * @param names each must be in the certificate
 * @throws Error if it is no pair that serves these names
 */
export const readBundle = (pem: string, names: readonly string[], nowMs: number): Certificate => {
  const blocks = pem
    .split(BEGIN)
    .slice(1)
    .map((block) => BEGIN + block);
  const textOf = (label: string): string =>
    blocks.filter((block) => block.startsWith(`${BEGIN}${label}-----`)).join('');
  const cert = textOf('CERTIFICATE');
  const read = readPair({ cert, key: textOf('PRIVATE KEY') }, nowMs);
  if (read.kind === 'fault') throw new Error(read.err);
  const held = namesOf(new X509Certificate(cert));
  if (!names.every((name) => held.has(name))) throw new Error('a certificate of other names');
  return read.certificate;
};
