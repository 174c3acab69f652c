/** The stream of updates. It comes back by itself when the relay does. */
import type { Hello, Update } from '../updates.ts';

export interface StreamListener {
  readonly hello: (hello: Hello) => void;
  readonly update: (update: Update) => void;
  /** Whether the relay answers. */
  readonly connected: (isConnected: boolean) => void;
}

const RETRY_MS = 1_000;

const parse = (event: Event): unknown => {
  const data: unknown = 'data' in event ? event.data : undefined;
  return typeof data === 'string' ? JSON.parse(data) : undefined;
};

/** @returns ends the stream */
export const openStream = (serverId: string | null, listener: StreamListener): (() => void) => {
  let source: EventSource | undefined;
  let retry: number | undefined;
  const open = (): void => {
    source = new EventSource(
      serverId === null ? '/events' : `/events?server=${encodeURIComponent(serverId)}`,
    );
    source.addEventListener('hello', (event) => {
      // Page and relay come from one build: what it sends has the shape this was compiled with.
      const hello = parse(event) as Hello | undefined;
      if (hello !== undefined) listener.hello(hello);
      listener.connected(true);
    });
    source.addEventListener('message', (event) => {
      const update = parse(event) as Update | undefined; // As above.
      if (update !== undefined) listener.update(update);
    });
    source.addEventListener('error', () => {
      listener.connected(false);
      // A browser gives up for good on some errors, and waits for long on others.
      source?.close();
      retry = window.setTimeout(open, RETRY_MS);
    });
  };
  open();
  return () => {
    window.clearTimeout(retry);
    source?.close();
  };
};
