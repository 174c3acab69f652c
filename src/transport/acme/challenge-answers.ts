/** What an ACME server finds under `/.well-known/acme-challenge/` while an order is open (RFC 8555 section 8.3). */
import { MAX_PENDING_CHALLENGES } from './acme-limits.ts';
import { OrderFailure } from './order-failure.ts';

export const CHALLENGE_PATH = '/.well-known/acme-challenge/';

/** base64url, at least 128 bits; no server makes longer ones than this. */
const TOKEN = /^[A-Za-z0-9_-]{1,256}$/;

export class ChallengeAnswers {
  readonly #byToken = new Map<string, string>();

  /** @throws OrderFailure if the token has another form, or too many are pending */
  offer(token: string, keyAuthorization: string): void {
    if (!TOKEN.test(token)) throw new OrderFailure('refused', 'a token of another form');
    if (this.#byToken.size >= MAX_PENDING_CHALLENGES)
      throw new OrderFailure('refused', 'too many challenges');
    this.#byToken.set(token, keyAuthorization);
  }

  withdraw(token: string): void {
    this.#byToken.delete(token);
  }

  clear(): void {
    this.#byToken.clear();
  }

  /** Undefined for any path that is not asked for by an order. */
  at(path: string): string | undefined {
    return path.startsWith(CHALLENGE_PATH) ? this.#byToken.get(path.slice(CHALLENGE_PATH.length)) : undefined;
  }
}
