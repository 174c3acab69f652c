/** What every listener demands of a request, whatever it asks for. */
import type { HeaderValues } from './header-values.ts';

export interface RequestHead {
  readonly httpVersion: string;
  readonly headers: HeaderValues;
  /** The authority of an absolute-form target. */
  readonly authority: string | undefined;
}

/** Each with the line that explains it to the client. A value is never quoted. */
export const REQUEST_FAULTS = {
  host_missing: 'Host is missing',
  host_repeated: 'Host is repeated',
  host_malformed: 'Host is not a host and port',
  target_malformed: 'the request target does not name a host and port',
  body: 'a request with a body is not accepted: Content-Length must be 0 or absent, Transfer-Encoding absent',
} as const;

export type RequestFault = keyof typeof REQUEST_FAULTS;

/** The characters of a host and port (RFC 3986 section 3.2.2). */
const HOST_FORM = /^[A-Za-z0-9\-._~%!$&'()*+,;=:[\]]*$/;

/** Any number of zeros: the parser has checked that it is a number. */
const ZERO = /^0+$/;

const hasBody = (headers: HeaderValues): boolean =>
  headers.has('transfer-encoding') ||
  (headers.get('content-length') ?? []).some((length) => !ZERO.test(length));

/**
 * Undefined for a good request: one Host (RFC 9112 section 3.2) and no body. No route here takes a body, and behind a WebSocket
 * handshake one would be read as frames.
 */
export const checkRequest = ({ httpVersion, headers, authority }: RequestHead): RequestFault | undefined => {
  const [host, secondHost] = headers.get('host') ?? [];
  // HTTP/1.0 has no Host.
  if (host === undefined && httpVersion !== '1.0') return 'host_missing';
  if (secondHost !== undefined) return 'host_repeated';
  if (host !== undefined && !HOST_FORM.test(host)) return 'host_malformed';
  if (authority === '' || (authority !== undefined && !HOST_FORM.test(authority))) return 'target_malformed';
  return hasBody(headers) ? 'body' : undefined;
};
