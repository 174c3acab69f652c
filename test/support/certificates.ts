/** Certificates for tests, signed by themselves, made by openssl. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestCertificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * @param names other than 127.0.0.1 and localhost
 * @param more further arguments of `openssl req`
 * @param key its arguments that choose the key
 */
export const makeCertificate = (
  names: readonly string[] = [],
  more: readonly string[] = ['-days', '90'],
  key: readonly string[] = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
): TestCertificate => {
  const dir = mkdtempSync(join(tmpdir(), 'relay-cert-'));
  const certFile = join(dir, 'cert.pem');
  const keyFile = join(dir, 'key.pem');
  const alternatives = ['IP:127.0.0.1', ...['localhost', ...names].map((name) => `DNS:${name}`)].join(',');
  const subject = ['-subj', '/CN=relay', '-addext', `subjectAltName=${alternatives}`];
  const args = ['req', '-x509', ...key, '-nodes', '-keyout', keyFile, '-out', certFile, ...subject, ...more];
  execFileSync('openssl', args, { stdio: 'pipe' });
  return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
};
