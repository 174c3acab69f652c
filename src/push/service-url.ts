/** Where secrets of push may be sent to. */

/** @param hostname of a URL: one that consists of numbers is an IPv4 address in full */
const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\.[\d.]+$/.test(hostname);

/**
 * An https URL, or an http one of this machine: what is posted there are bearer tokens and signed assertions. User and password would
 * end in an error of `fetch`, which quotes them, and a fragment is never sent: a URL with either is refused.
 *
 * @returns undefined for any other text
 */
export const readServiceUrl = (text: string): URL | undefined => {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.hash !== '') return undefined;
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  return isSafe ? url : undefined;
};
