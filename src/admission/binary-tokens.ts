/** Which binaries may claim a server-id: those with a token of which the relay knows the hash. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { MAX_SERVER_ID_BYTES } from '../protocol/request-limits.ts';

/** The header in which a binary presents its token, as Node spells names. */
export const TOKEN_HEADER = 'x-pyrycode-relay-token';
/** A 401 must name a scheme (RFC 9110 section 11.6.1). There is none for a header of its own, so it has the header's name. */
export const TOKEN_SCHEME = 'X-Pyrycode-Relay-Token';

/** SHA-256 of a token, in hex. Tokens are random, so their hashes need no salt and no slow function. */
export type TokenHash = string;

/** @param token one character per byte, as Node represents header values */
export const hashToken = (token: string): TokenHash =>
  createHash('sha256').update(token, 'latin1').digest('hex');

interface Entry {
  readonly hash: Buffer;
  /** Null if it may claim any. */
  serverIds: Set<string> | null;
}

/** What is wrong with a line. Never its content: it could be a token by mistake. */
export interface TokenFileFault {
  readonly line: number;
  readonly problem: string;
}

const HEX = /^[0-9a-f]{64}$/;
const isBlank = (char: string | undefined): boolean => char === ' ' || char === '\t';

const encoder = new TextEncoder();

const problemOf = (hash: string, serverId: string): string | undefined => {
  if (!HEX.test(hash)) return 'does not start with the SHA-256 of a token in 64 hex digits';
  if (serverId.startsWith('#')) return 'has a comment behind the hash: a comment needs a line of its own';
  return encoder.encode(serverId).length > MAX_SERVER_ID_BYTES
    ? `has a server-id of more than ${MAX_SERVER_ID_BYTES} bytes`
    : undefined;
};

const splitLine = (line: string): readonly [hash: string, serverId: string] => {
  let end = 0;
  while (end < line.length && !isBlank(line[end])) end++;
  return [line.slice(0, end).toLowerCase(), line.slice(end).trim()];
};

export class BinaryTokens {
  /** By hash. */
  readonly #entries: ReadonlyMap<TokenHash, Entry>;

  private constructor(entries: ReadonlyMap<TokenHash, Entry>) {
    this.#entries = entries;
  }

  /**
   * Reads the text of a token file: on each line the SHA-256 of a token in hex, and the server-id that it may claim; without
   * one, it may claim any. Empty lines, and lines that start with `#`, are skipped.
   */
  static parse(text: string): BinaryTokens | TokenFileFault {
    const entries = new Map<TokenHash, Entry>();
    for (const [i, raw] of text.split('\n').entries()) {
      const line = raw.trim();
      if (line === '' || line.startsWith('#')) continue;
      const [hash, serverId] = splitLine(line);
      const problem = problemOf(hash, serverId);
      if (problem !== undefined) return { line: i + 1, problem };
      const entry = entries.get(hash) ?? { hash: Buffer.from(hash, 'hex'), serverIds: new Set() };
      entries.set(hash, entry);
      if (serverId === '') entry.serverIds = null;
      else entry.serverIds?.add(serverId);
    }
    return new BinaryTokens(entries);
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * Whether this token may claim this server-id. Takes as long for a wrong token as for a right one: what is looked up is a hash,
   * of which nobody can choose a part, and what is found is compared in constant time.
   */
  mayClaim(hash: TokenHash | undefined, serverId: string): boolean {
    const entry = hash === undefined ? undefined : this.#entries.get(hash);
    if (hash === undefined || entry === undefined) return false;
    const isSame = timingSafeEqual(entry.hash, Buffer.from(hash, 'hex'));
    return isSame && (entry.serverIds === null || entry.serverIds.has(serverId));
  }
}
