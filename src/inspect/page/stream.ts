/** The stream of updates. It reconnects by itself. */
import type { ReplayPageServer } from '../replay-page-data.ts';
import type { Hello, Update } from '../updates.ts';

export interface StreamListener {
  readonly hello: (hello: Hello) => void;
  /** What is recorded of the server-id, before its first update; null if nothing is. */
  readonly past: (past: ReplayPageServer | null) => void;
  readonly update: (update: Update) => void;
  /** Why updates have stopped; empty once they arrive again. */
  readonly trouble: (why: string) => void;
}

const RETRY_MS = 1_000;
/** The relay sends ten updates per second, so a gap of this length means that it is gone. */
const SILENCE_MS = 3_000;
const LOST = 'The relay does not answer. Trying again.';
const FULL = 'Too many pages are open. Trying again.';

const parse = (event: Event): unknown => {
  const data: unknown = 'data' in event ? event.data : undefined;
  return typeof data === 'string' ? JSON.parse(data) : undefined;
};

/** @returns a function that closes the stream */
export const openStream = (serverId: string | null, listener: StreamListener): (() => void) => {
  let source: EventSource | undefined;
  let heardAtMs = performance.now();
  let trouble = LOST;

  const close = (): void => {
    source?.close();
    source = undefined;
  };
  const open = (): void => {
    heardAtMs = performance.now();
    trouble = LOST;
    source = new EventSource(
      serverId === null ? '/events' : `/events?server=${encodeURIComponent(serverId)}`,
    );
    source.addEventListener('hello', (event) => {
      // The page and the relay are built together, so the message has this type.
      const hello = parse(event) as Hello | undefined;
      if (hello !== undefined) listener.hello(hello);
      listener.trouble('');
    });
    source.addEventListener('past', (event) => {
      listener.past(parse(event) as ReplayPageServer | null); // Built together, as above.
    });
    source.addEventListener('full', () => {
      trouble = FULL;
    });
    source.addEventListener('message', (event) => {
      heardAtMs = performance.now();
      const update = parse(event) as Update | undefined; // Built together, as above.
      if (update !== undefined) listener.update(update);
    });
    source.addEventListener('error', () => {
      listener.trouble(trouble);
      // EventSource never reconnects after some errors and waits long after others, so the watch below reconnects.
      close();
    });
  };
  const watch = window.setInterval(() => {
    if (document.hidden) return;
    if (source !== undefined && performance.now() - heardAtMs < SILENCE_MS) return;
    if (source !== undefined) listener.trouble(LOST);
    close();
    open();
  }, RETRY_MS);
  // A hidden page disconnects: the relay serves few pages at a time.
  const onVisibility = (): void => {
    if (document.hidden) close();
    else if (source === undefined) open();
  };
  document.addEventListener('visibilitychange', onVisibility);
  open();
  return () => {
    window.clearInterval(watch);
    document.removeEventListener('visibilitychange', onVisibility);
    close();
  };
};
