/** A private key and its chain of certificates, in one PEM text: one file cannot hold halves of two pairs. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Certificate } from '../certificate-source.ts';

const PEM_BLOCK = /-----BEGIN ([A-Z ]+)-----[^-]*-----END \1-----/g;

/** Names as in a `subjectAltName`; Node quotes a name that contains a separator, and none of ours does. */
const namesOf = (certificate: X509Certificate): Set<string> =>
  new Set(
    (certificate.subjectAltName ?? '')
      .split(', ')
      .filter((entry) => entry.startsWith('DNS:'))
      .map((entry) => entry.slice('DNS:'.length).toLowerCase()),
  );

/**
 * @param names each must be in the certificate
 * @throws Error with a fixed text, or an error of OpenSSL's, if it is no pair that serves these names
 */
export const readBundle = (pem: string, names: readonly string[]): Certificate => {
  const blocks = [...pem.matchAll(PEM_BLOCK)].map(([text, label]) => ({ text, label }));
  const key = blocks.find(({ label }) => label?.endsWith('PRIVATE KEY'))?.text;
  const chain = blocks.filter(({ label }) => label === 'CERTIFICATE').map(({ text }) => text);
  const [leafPem] = chain;
  if (key === undefined || leafPem === undefined) throw new Error('no private key with a certificate');
  const leaf = new X509Certificate(leafPem);
  if (!leaf.checkPrivateKey(createPrivateKey(key))) throw new Error('the key is of another certificate');
  const held = namesOf(leaf);
  if (!names.every((name) => held.has(name))) throw new Error('a certificate of other names');
  return {
    context: createSecureContext({ key, cert: chain.join('\n'), minVersion: 'TLSv1.2' }),
    startsAtMs: Date.parse(leaf.validFrom),
    expiresAtMs: Date.parse(leaf.validTo),
  };
};
