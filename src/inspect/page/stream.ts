/** The stream of updates. It comes back by itself when the relay does. */
import type { Hello, Update } from '../updates.ts';

export interface StreamListener {
  readonly hello: (hello: Hello) => void;
  readonly update: (update: Update) => void;
  /** What keeps updates from coming; empty when nothing does. */
  readonly trouble: (why: string) => void;
}

const RETRY_MS = 1_000;
/** Updates come ten times a second: this long without one, and nobody is there. */
const SILENCE_MS = 3_000;
const LOST = 'The relay does not answer. Trying again.';
const FULL = 'As many pages are open as the relay serves. Trying again.';

const parse = (event: Event): unknown => {
  const data: unknown = 'data' in event ? event.data : undefined;
  return typeof data === 'string' ? JSON.parse(data) : undefined;
};

/** @returns ends the stream */
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
      // Page and relay come from one build: what it sends has the shape this was compiled with.
      const hello = parse(event) as Hello | undefined;
      if (hello !== undefined) listener.hello(hello);
      listener.trouble('');
    });
    source.addEventListener('full', () => {
      trouble = FULL;
    });
    source.addEventListener('message', (event) => {
      heardAtMs = performance.now();
      const update = parse(event) as Update | undefined; // As above.
      if (update !== undefined) listener.update(update);
    });
    source.addEventListener('error', () => {
      listener.trouble(trouble);
      // A browser gives up for good on some errors, and waits for long on others: the watch below tries again.
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
  // A page that nobody sees takes no place among the few there are.
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
