/** Posts to a push service and reads what it answers, within bounds and without following it anywhere. */
import { readRetryAfter } from '../retry-after.ts';
import { systemCodeOf } from '../system-code.ts';
import { MAX_FCM_ANSWER_BYTES } from './fcm-limits.ts';

export type Fetch = typeof fetch;

export interface Answer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  /** Undefined if it is not JSON, longer than `MAX_FCM_ANSWER_BYTES`, or not all of it came. */
  readonly body: unknown;
}

/** `reason` is `cancelled` if the signal was aborted, and has no text of the peer. */
export type Posted =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly reason: string };

export interface Post {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is longer is left unread, and its connection closed. @throws if it does not arrive */
const readBounded = async (body: Response['body']): Promise<Buffer | undefined> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early cancels the stream.
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > MAX_FCM_ANSWER_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const readJson = async (body: Response['body'], signal: AbortSignal): Promise<unknown> => {
  try {
    const bytes = await readBounded(body);
    return bytes === undefined ? undefined : JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    if (signal.aborted) throw error;
    // The status has come, and says what became of the request.
    return undefined;
  }
};

/** `fetch` puts the error of the connection below one of its own. */
const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = systemCodeOf(cause) ?? systemCodeOf(error);
  return code === undefined ? 'no answer' : `no answer: ${code}`;
};

/** Never rejects. */
export const postBounded = async (
  fetchAnswer: Fetch,
  { url, headers, body }: Post,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<Posted> => {
  try {
    // A redirect is an answer like any other: its target would be handed the bearer token, or the assertion.
    const response = await fetchAnswer(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
    const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), nowMs());
    const read = await readJson(response.body, signal);
    return { kind: 'answered', answer: { status: response.status, retryAfterMs, body: read } };
  } catch (error) {
    return { kind: 'failed', reason: signal.aborted ? 'cancelled' : reasonOf(error) };
  }
};
