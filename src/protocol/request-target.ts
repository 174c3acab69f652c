/** What a request asks for, without its query. */
export interface RequestTarget {
  readonly path: string;
  /** Without the question mark; '' if there is none. Never routes. */
  readonly query: string;
  /** Host and port of a target in absolute form; it then counts instead of the Host header. Undefined for other forms. */
  readonly authority: string | undefined;
}

/** All name the same service: a proxy in front may have ended TLS, and WebSocket libraries name their own schemes. */
const SCHEMES: readonly string[] = ['http://', 'https://', 'ws://', 'wss://'];
const LONGEST_SCHEME = 'https://'.length;

const splitQuery = (text: string): { path: string; query: string } => {
  const mark = text.indexOf('?');
  return mark === -1 ? { path: text, query: '' } : { path: text.slice(0, mark), query: text.slice(mark + 1) };
};

/** The first `/` or `?` from `start` on, or the end of the text. */
const authorityEnd = (text: string, start: number): number => {
  for (let i = start; i < text.length; i++) if (text[i] === '/' || text[i] === '?') return i;
  return text.length;
};

/**
 * Reads a request target in origin form (`/v1/client?x`), in absolute form (`http://relay/v1/client`, RFC 9112 section 3.2.2),
 * or in another form, which is taken as a path that does not exist here.
 */
export const readTarget = (target: string): RequestTarget => {
  const start = target.slice(0, LONGEST_SCHEME).toLowerCase();
  const scheme = SCHEMES.find((candidate) => start.startsWith(candidate));
  if (scheme === undefined) return { ...splitQuery(target), authority: undefined };
  const end = authorityEnd(target, scheme.length);
  const { path, query } = splitQuery(target.slice(end));
  return { path: path === '' ? '/' : path, query, authority: target.slice(scheme.length, end) };
};
