/** The TLS handshake of one accepted socket, with the certificate of that moment. */
import type { Socket } from 'node:net';
import type { Peer } from '../admission/client-address.ts';
import { TLS_HANDSHAKE_TIMEOUT_MS, TLS_READ_AHEAD_BYTES } from '../protocol/tls-limits.ts';
import type { AcceptStage } from './accept-stages.ts';
import type { CertificateSource } from './certificate-source.ts';
import { startDeadline } from './deadline.ts';
import type { HandshakeTurns } from './handshake-turns.ts';
import { MeteredTls } from './metered-tls.ts';
import { noteTls, peerOf } from './peer-of.ts';

/**
 * `ended`: the peer left. `plain_http`: it speaks HTTP without TLS. `version`, `cipher`, `protocol`: it offers no TLS version, cipher
 * or ALPN protocol that we have. `mistrust`: it refuses our certificate. `no_certificate`: we have none yet. `flood`: it sent too many
 * records without data, also after the handshake, or too many before its upgrade.
 */
export type TlsFault =
  | 'ended'
  | 'timeout'
  | 'plain_http'
  | 'version'
  | 'cipher'
  | 'protocol'
  | 'mistrust'
  | 'no_certificate'
  | 'flood'
  | 'other';

export interface TlsStageOptions {
  readonly certificates: CertificateSource;
  readonly turns: Pick<HandshakeTurns, 'add' | 'remove'>;
  readonly onFailed: (fault: TlsFault, peer: Peer) => void;
}

/** As Go's server answers it, for the person with the browser. */
const PLAIN_HTTP_ANSWER = 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n';

const CONNECTION_ERRORS: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED']);

/** By OpenSSL's name of the error, in Node's form: `ERR_SSL_` and the reason. Others are `other`. */
const FAULTS: readonly (readonly [TlsFault, readonly string[]])[] = [
  ['plain_http', ['ERR_SSL_HTTP_REQUEST']],
  ['version', ['UNSUPPORTED_PROTOCOL', 'PROTOCOL_VERSION', 'VERSION_TOO_LOW', 'INAPPROPRIATE_FALLBACK']],
  ['cipher', ['NO_SHARED_CIPHER', 'NO_SUITABLE', 'NO_SHARED_GROUP']],
  ['protocol', ['NO_APPLICATION_PROTOCOL']],
  [
    'mistrust',
    ['ALERT_UNKNOWN_CA', 'ALERT_BAD_CERTIFICATE', 'ALERT_CERTIFICATE_', 'ALERT_UNSUPPORTED_CERTIFICATE'],
  ],
];

const faultOf = (error: unknown): TlsFault => {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') return 'other';
  if (CONNECTION_ERRORS.has(code)) return 'ended';
  return FAULTS.find(([, names]) => names.some((name) => code.includes(name)))?.[0] ?? 'other';
};

/**
 * Not with `tls.createServer`: that has one certificate, given as PEM, and a deadline that each byte extends. This takes the events
 * `secure` and `_tlsError`, which mail servers for Node have always relied on, and npm run test:nodes tries them.
 */
const shakeHands = (
  tcp: Socket,
  next: (socket: Socket) => void,
  { certificates, turns, onFailed }: TlsStageOptions,
): void => {
  const peer = peerOf(tcp);
  const context = certificates.current()?.context;
  if (context === undefined) {
    onFailed('no_certificate', peer);
    tcp.destroy();
    return;
  }
  const options = {
    isServer: true,
    secureContext: context,
    ALPNProtocols: ['http/1.1'],
    highWaterMark: TLS_READ_AHEAD_BYTES,
  };
  const socket = new MeteredTls(tcp, options, { turns, onFlood: () => giveUp('flood') });
  noteTls(socket, tcp);
  const settle = (): void => {
    cancelDeadline();
    socket.off('end', leave);
    socket.off('close', leave);
    socket.off('secure', pass);
    socket.off('_tlsError', fail);
  };
  const giveUp = (fault: TlsFault): void => {
    settle();
    onFailed(fault, peer);
    if (fault === 'plain_http' && tcp.writable) tcp.write(PLAIN_HTTP_ANSWER);
    socket.destroy();
  };
  const fail = (error: unknown): void => giveUp(faultOf(error));
  const leave = (): void => giveUp('ended');
  const pass = (): void => {
    settle();
    // A record that is forged or out of order. Node reports it, and leaves the socket open.
    socket.on('_tlsError', (error: Error) => socket.destroy(error));
    next(socket);
  };
  const cancelDeadline = startDeadline(TLS_HANDSHAKE_TIMEOUT_MS, () => giveUp('timeout'));
  socket.once('end', leave);
  socket.once('close', leave);
  socket.once('secure', pass);
  socket.once('_tlsError', fail);
};

export const tlsStage =
  (options: TlsStageOptions): AcceptStage =>
  (tcp, next) => {
    // Reset before its turn came.
    if (tcp.destroyed) options.onFailed('ended', peerOf(tcp));
    else shakeHands(tcp, next, options);
  };
