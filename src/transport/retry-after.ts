/** `Retry-After` of an HTTP answer. */

/** The one form of a date that a server may send today (RFC 9110 section 5.6.7). `Date.parse` alone takes `5, 5` for a day in May. */
const IMF_FIXDATE = /^[A-Z][a-z][a-z], [\dA-Za-z: ]+ GMT$/;

/** Whole seconds, or a date (RFC 9110 section 10.2.3), which is 0 once it has passed. Undefined for anything else. */
export const readRetryAfter = (value: unknown, nowMs: number): number | undefined => {
  if (typeof value !== 'string') return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  if (!IMF_FIXDATE.test(value)) return undefined;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? undefined : Math.max(atMs - nowMs, 0);
};
