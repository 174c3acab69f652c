/** What a peer is told that is not let in. */
import { TOKEN_SCHEME } from '../admission/binary-tokens.ts';
import type { Limit, Refused } from '../admission/gate.ts';
import { type HttpAnswer, plainText } from './http-answer.ts';

const TEXTS: ReadonlyMap<Limit, string> = new Map([
  ['rate', 'too many dials from this address'],
  ['max_connections_per_ip', 'too many connections from this address'],
]);

/** The others say no more: how full a relay is, and of whom, is not for strangers. */
const FULL = 'the relay has no room for this connection';

/** When there is no room, up to twice as long, at random: who are refused together must not come back together. */
const waitS = ({ limit, retryAfterS }: Refused, spread: () => number): number =>
  limit === 'rate' ? retryAfterS : retryAfterS + Math.floor(spread() * (retryAfterS + 1));

/** @param spread random, from 0 up to 1 */
export const refusalAnswer = (refused: Refused, spread = Math.random): HttpAnswer => {
  const retryAfterS = waitS(refused, spread);
  return plainText(refused.status, `${TEXTS.get(refused.limit) ?? FULL}; try again in ${retryAfterS} s\n`, {
    'Retry-After': String(retryAfterS),
  });
};

export const UNAUTHORIZED = plainText(401, 'this relay takes only binaries with a token that it knows\n', {
  'WWW-Authenticate': TOKEN_SCHEME,
});
