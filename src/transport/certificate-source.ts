/** Where the TLS listener has its certificate from: files, or an ACME server. */
import type { SecureContext } from 'node:tls';

export interface Certificate {
  readonly context: SecureContext;
  readonly expiresAtMs: number;
  /** Beginning of validity, for the share of the lifetime that is left. */
  readonly startsAtMs: number;
}

export interface CertificateSource {
  /** Undefined until there is one: the handshake is refused then. */
  readonly current: () => Certificate | undefined;
  /** Ends timers and watches. */
  readonly end: () => void;
}
