/** Whether a request is for a host that this listener serves (RFC 9110 section 7.4). */
import type { HeaderValues } from '../protocol/header-values.ts';
import type { RequestTarget } from '../protocol/request-target.ts';
import type { HttpAnswer } from './http-answer.ts';

/** Without a body, as the Go relay answers. */
export const MISDIRECTED: HttpAnswer = { status: 421, headers: {}, body: '' };

interface AddressedRequest {
  readonly headers: HeaderValues;
  readonly target: RequestTarget;
}

/** @param hosts in lower case. Any port goes, because ports are forwarded. */
export const isForHost = (hosts: readonly string[], { headers, target }: AddressedRequest): boolean => {
  const authority = target.authority ?? headers.get('host')?.[0] ?? '';
  return hosts.includes(authority.replace(/:\d*$/, '').toLowerCase());
};
