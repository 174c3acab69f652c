import { constants } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';

export interface PemPair {
  /** The certificate, and those that lead to one that clients know. */
  readonly cert: string;
  readonly key: string;
}

/**
 * What the TLS listener offers: TLS 1.2 and 1.3 with Node's list of ciphers, session tickets with keys of this context alone.
 * @throws OpenSSL's error if the pair cannot be used
 */
export const serverContext = ({ cert, key }: PemPair): SecureContext =>
  createSecureContext({
    cert,
    key,
    minVersion: 'TLSv1.2',
    honorCipherOrder: true,
    // A client of TLS 1.2 could ask for handshake after handshake, each of which costs us a signature.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    sessionIdContext: 'pyrycode-relay',
  });
