/** Access check of the live page: only this machine, on any port, and no page of another origin. */
import type { IncomingHttpHeaders } from 'node:http';

/** Any port, because users tunnel. Only these hosts, to stop DNS rebinding: a foreign name must not reach this page. */
const HOST = /^(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?$/i;

/** Accepted `Sec-Fetch-Site` values. Browsers send this header even on requests without an Origin. */
const OWN_SITES: ReadonlySet<unknown> = new Set([undefined, 'same-origin', 'none']);

/** Whether a request comes from this listener's own page, or from no page at all. */
export const mayLook = ({ host, origin, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean => {
  if (host === undefined || !HOST.test(host) || !OWN_SITES.has(site)) return false;
  return origin === undefined || origin === `http://${host}`;
};

/** Forbids foreign resources, inline code and framing. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};
