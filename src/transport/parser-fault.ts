/** What Node's HTTP parser reports instead of a request, as a refusal. */
import { HEAD_TIMEOUT_MS, MAX_HEAD_BYTES } from '../protocol/request-limits.ts';

/** Why what arrived is no request that a listener could look at. */
export type ParserFault = 'http2' | 'malformed' | 'incomplete' | 'head_too_long' | 'timeout';

export interface ParserRefusal {
  readonly reason: ParserFault;
  readonly status: number;
  readonly explanation: string;
}

/** By the code of Node's error. */
const KNOWN: ReadonlyMap<unknown, ParserRefusal> = new Map<unknown, ParserRefusal>([
  [
    'HPE_PAUSED_H2_UPGRADE',
    { reason: 'http2', status: 505, explanation: 'HTTP/2 is not spoken here: only HTTP/1.1' },
  ],
  [
    'HPE_INVALID_EOF_STATE',
    { reason: 'incomplete', status: 400, explanation: 'the connection ended inside the request head' },
  ],
  [
    'HPE_HEADER_OVERFLOW',
    {
      reason: 'head_too_long',
      status: 431,
      explanation: `the request head is longer than ${MAX_HEAD_BYTES} bytes`,
    },
  ],
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    {
      reason: 'timeout',
      status: 408,
      explanation: `no complete request head within ${HEAD_TIMEOUT_MS / 1_000} s`,
    },
  ],
]);

/** @param error with which Node emits `clientError` */
export const parserRefusal = (error: Error): ParserRefusal => {
  const known = KNOWN.get('code' in error ? error.code : undefined);
  if (known !== undefined) return known;
  // A text of the parser itself, such as `Invalid method encountered`: it quotes nothing of the peer.
  const detail = 'reason' in error && typeof error.reason === 'string' ? `: ${error.reason}` : '';
  return { reason: 'malformed', status: 400, explanation: `not an HTTP/1.1 request${detail}` };
};
