/** Posts to a push service and reads what it answers, within bounds and without following it anywhere. */
import { readRetryAfter } from '../retry-after.ts';
import { systemCodeOf } from '../system-code.ts';
import { MAX_FCM_ANSWER_BYTES, MAX_SPARE_BODY_MS } from './fcm-limits.ts';

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
  /** True if a 2xx alone says what became of it: then its body is waited for `MAX_SPARE_BODY_MS`. */
  readonly isBodySpare?: boolean;
}

export interface Means {
  readonly fetch: Fetch;
  readonly startTimer: StartTimer;
  /** Wall clock. */
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
}

/** @returns what clears it */
export type StartTimer = (then: () => void, ms: number) => () => void;

export const startSystemTimer: StartTimer = (then, ms) => {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
};

/** What is longer is left unread, and its connection closed. @throws if it does not arrive */
const readBounded = async (
  body: ReadableStream<Uint8Array>,
  maxMs: number | undefined,
  startTimer: StartTimer,
) => {
  const reader = body.getReader();
  const cancel = (): void => void reader.cancel().catch(() => {});
  const clear = maxMs === undefined ? undefined : startTimer(cancel, maxMs);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    // Once it is cancelled, it is done.
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      length += read.value.length;
      if (length > MAX_FCM_ANSWER_BYTES) return undefined;
      chunks.push(read.value);
    }
    return Buffer.concat(chunks);
  } finally {
    clear?.();
    cancel();
  }
};

const readJson = async (
  body: Response['body'],
  maxMs: number | undefined,
  { signal, startTimer }: Means,
): Promise<unknown> => {
  if (body === null) return undefined;
  try {
    const bytes = await readBounded(body, maxMs, startTimer);
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
  { url, headers, body, isBodySpare = false }: Post,
  means: Means,
): Promise<Posted> => {
  const { fetch: fetchAnswer, nowMs, signal } = means;
  try {
    // A redirect is an answer like any other: its target would be handed the bearer token, or the assertion.
    const response = await fetchAnswer(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
    const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), nowMs());
    const maxMs = response.ok && isBodySpare ? MAX_SPARE_BODY_MS : undefined;
    const read = await readJson(response.body, maxMs, means);
    return { kind: 'answered', answer: { status: response.status, retryAfterMs, body: read } };
  } catch (error) {
    return { kind: 'failed', reason: signal.aborted ? 'cancelled' : reasonOf(error) };
  }
};
