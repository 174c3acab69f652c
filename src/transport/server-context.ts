import { constants } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';

export interface PemPair {
  /** The certificate, and those that lead to one that clients know. */
  readonly cert: string;
  readonly key: string;
}

/**
 * What the TLS listener offers: TLS 1.2 with Node's list of ciphers, session tickets with keys of this context alone. Not TLS 1.3: its
 * KeyUpdate costs 27 bytes to send and 70 µs to take, Node shows none of them to us, and a flood of them stalls everybody
 * (docs/adr/0014).
 * @throws OpenSSL's error if the pair cannot be used
 */
export const serverContext = ({ cert, key }: PemPair): SecureContext =>
  createSecureContext({
    cert,
    key,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    honorCipherOrder: true,
    // A client of TLS 1.2 could ask for handshake after handshake, each of which costs us a signature.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    sessionIdContext: 'pyrycode-relay',
  });
