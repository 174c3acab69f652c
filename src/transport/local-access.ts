/** Who may ask the listeners that are for this machine only: its programs, and their own pages. No page of another origin. */
import { isIPv4 } from 'node:net';
import type { HeaderValues } from '../protocol/header-values.ts';
import type { RequestTarget } from '../protocol/request-target.ts';
import { plainText } from './http-answer.ts';

export const FOREIGN = plainText(
  403,
  'this listener answers only to 127.0.0.1, [::1] or localhost, and to no other origin\n',
);

const PORT = /^\d{1,5}$/;

/** Accepted `Sec-Fetch-Site` values. Browsers send this header even on requests without an Origin. */
const OWN_SITES: ReadonlySet<string | undefined> = new Set([undefined, 'same-origin', 'none']);

/** Any port, because users tunnel. Only these hosts, to stop DNS rebinding: a foreign name must not reach this listener. */
const isLoopback = (authority: string): boolean => {
  const colon = authority.lastIndexOf(':');
  const hasPort = colon > authority.lastIndexOf(']');
  if (hasPort && !PORT.test(authority.slice(colon + 1))) return false;
  const host = (hasPort ? authority.slice(0, colon) : authority).toLowerCase();
  return host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));
};

const isFromOwnPage = (headers: HeaderValues, authority: string): boolean => {
  const origins = headers.get('origin') ?? [];
  const sites = headers.get('sec-fetch-site') ?? [];
  return (
    origins.every((origin) => origin === `http://${authority}`) && sites.every((site) => OWN_SITES.has(site))
  );
};

interface LocalRequest {
  readonly headers: HeaderValues;
  readonly target: RequestTarget;
}

/** Whether a request names this machine, and comes from this listener's own page or from no page at all. */
export const isLocal = ({ headers, target }: LocalRequest): boolean => {
  const authority = target.authority ?? headers.get('host')?.[0];
  return authority !== undefined && isLoopback(authority) && isFromOwnPage(headers, authority);
};
