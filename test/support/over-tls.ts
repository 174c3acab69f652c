/** Runs a file of tests over TLS: its relays serve wss://, and its peers, raw sockets and slow links dial that. */
import { makeCertificate, type TestCertificate } from './certificates.ts';

let certificate: TestCertificate | undefined;

/** Call it before the tests are loaded. From then on, peers trust any certificate. */
export const overTls = (): void => {
  certificate = makeCertificate();
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
};

/** Undefined in plain tests. */
export const tlsCertificate = (): TestCertificate | undefined => certificate;
export const wsScheme = (): 'ws:' | 'wss:' => (certificate === undefined ? 'ws:' : 'wss:');
