/** Why an order has failed, in words of our own: what an ACME server writes never reaches a log. */
import { readRetryAfter } from '../retry-after.ts';
import { systemCodeOf } from '../system-code.ts';

export type FailureKind =
  /** No answer, or one that says that the server cannot answer now. */
  | 'unavailable'
  | 'rate_limited'
  /** The server has refused the account, the order or a name. */
  | 'refused'
  /** It took longer than an order may take. */
  | 'timed_out'
  /** What was issued does not fit the key or the names. */
  | 'unusable'
  /** The cache cannot be written: without it, a restart would order again. */
  | 'cache_failed';

/** Types of RFC 8555 section 6.7. Any other is `unknown problem`. */
const PROBLEMS: ReadonlySet<string> = new Set([
  'accountDoesNotExist',
  'alreadyRevoked',
  'badCSR',
  'badNonce',
  'badPublicKey',
  'badRevocationReason',
  'badSignatureAlgorithm',
  'caa',
  'compound',
  'connection',
  'dns',
  'externalAccountRequired',
  'incorrectResponse',
  'invalidContact',
  'malformed',
  'orderNotReady',
  'rateLimited',
  'rejectedIdentifier',
  'serverInternal',
  'tls',
  'unauthorized',
  'unsupportedContact',
  'unsupportedIdentifier',
  'userActionRequired',
]);

const PROBLEM_PREFIX = 'urn:ietf:params:acme:error:';

export class OrderFailure extends Error {
  override readonly name = 'OrderFailure';
  readonly kind: FailureKind;
  /** From the server's `Retry-After`. */
  readonly retryAfterMs: number;

  /** @param description one of a few fixed texts, a problem type or a system code */
  constructor(kind: FailureKind, description: string, retryAfterMs = 0) {
    super(description);
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What an answer says about a failure. */
export interface Problem {
  readonly status: number;
  /** One of the types above, without its prefix. */
  readonly type: string;
  readonly retryAfterMs: number;
}

const typeOf = (problem: unknown): string | undefined => {
  if (typeof problem !== 'object' || problem === null || !('type' in problem)) return undefined;
  const { type } = problem;
  if (typeof type !== 'string' || !type.startsWith(PROBLEM_PREFIX)) return 'unknown problem';
  const name = type.slice(PROBLEM_PREFIX.length);
  return PROBLEMS.has(name) ? name : 'unknown problem';
};

/** Undefined if the answer reports no failure. A challenge that has failed is a 200, with its problem in `error`. */
export const problemIn = (
  status: number,
  body: unknown,
  retryAfter: unknown,
  nowMs: number,
): Problem | undefined => {
  if (status >= 400) {
    const type = typeOf(body) ?? `HTTP ${status}`;
    return { status, type, retryAfterMs: readRetryAfter(retryAfter, nowMs) ?? 0 };
  }
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  const type = typeOf(body.error);
  return type === undefined ? undefined : { status, type, retryAfterMs: 0 };
};

/** @param problem the last one that the server has reported during the order */
export const asOrderFailure = (error: unknown, problem: Problem | undefined): OrderFailure => {
  if (error instanceof OrderFailure) return error;
  const code = systemCodeOf(error);
  if (code !== undefined) return new OrderFailure('unavailable', `no answer: ${code}`);
  if (problem !== undefined) {
    const { status, type, retryAfterMs } = problem;
    if (status === 429 || type === 'rateLimited') return new OrderFailure('rate_limited', type, retryAfterMs);
    const isDown = status >= 500 || type === 'serverInternal';
    return new OrderFailure(isDown ? 'unavailable' : 'refused', type, retryAfterMs);
  }
  return new OrderFailure('refused', 'unexpected answer');
};
