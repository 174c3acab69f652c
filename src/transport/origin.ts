/**
 * Any Origin is accepted; the Go relay's WebSocket library still answers 403 to one that does not parse as a URL. It
 * follows Go's `net/url`, which takes much that the WHATWG parser refuses (`null`, a bare path), so that one cannot be
 * used here. This keeps to the cases in which both agree that something is no URL.
 */
const BAD_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const BAD_HOST_CHARACTER = /[\s\\^`{|}]/;
const PORT = /^\d*$/;

const isParseableHost = (authority: string): boolean => {
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (BAD_HOST_CHARACTER.test(host)) return false;
  if (host.startsWith('[')) {
    const end = host.indexOf(']');
    const rest = host.slice(end + 1);
    return end !== -1 && (rest === '' || (rest.startsWith(':') && PORT.test(rest.slice(1))));
  }
  const colon = host.indexOf(':');
  return colon === -1 || PORT.test(host.slice(colon + 1));
};

export const isParseableOrigin = (origin: string): boolean => {
  const scheme = SCHEME.exec(origin)?.[0] ?? '';
  const rest = origin.slice(scheme.length);
  // A scheme and no slash: the rest is opaque, and a query is never unescaped.
  if (scheme !== '' && !rest.startsWith('/')) return true;
  if (BAD_ESCAPE.test(rest.split(/[?#]/, 1)[0] ?? '')) return false;
  if (rest.startsWith('//')) return isParseableHost(rest.slice(2).split(/[/?#]/, 1)[0] ?? '');
  // Without a scheme, the first path segment may not have a colon.
  return scheme !== '' || !(rest.split('/', 1)[0] ?? '').includes(':');
};
