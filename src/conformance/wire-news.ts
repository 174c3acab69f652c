/** What a peer has received and no step has consumed yet. */
import type { ExpectedClose } from './expectations.ts';

/** A target could send without end what no step reads. */
const MAX_UNREAD = 10_000;

/** Resolves when the sockets have been read once more. */
const polled = async (): Promise<void> => {
  await new Promise<void>((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
};

/** Something received: a message, a ping, or the end of the connection. */
export type News =
  | { readonly message: string }
  | { readonly close: ExpectedClose }
  | { readonly ping: Buffer };

export class WireNews {
  #news: News[] = [];
  #wake: (() => void) | undefined;

  /** @returns false if so much is unread that nothing more should be received */
  tell(news: News): boolean {
    const hasRoom = this.#news.length < MAX_UNREAD;
    this.#news.push(news);
    this.#wake?.();
    return hasRoom;
  }

  /** The close, if one has been received. */
  get closed(): ExpectedClose | undefined {
    for (const news of this.#news) if ('close' in news) return news.close;
    return undefined;
  }

  /** What `pick` makes of the first that it wants; undefined if none arrives in time. */
  async take<T>(pick: (news: News) => T | undefined, timeoutMs: number): Promise<T | undefined> {
    const givesUpAt = performance.now() + timeoutMs;
    let isOver = false;
    for (;;) {
      for (const [i, news] of this.#news.entries()) {
        const taken = pick(news);
        if (taken === undefined) continue;
        // A close stays in the queue, so that it can be read again.
        if (!('close' in news)) this.#news.splice(i, 1);
        return taken;
      }
      if (isOver) return undefined;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, Math.max(0, givesUpAt - performance.now()));
      });
      clearTimeout(timer);
      isOver = performance.now() >= givesUpAt;
      // After a stall, timers run before the sockets are read: what has arrived in time counts.
      if (isOver) await polled();
    }
  }

  /** Messages that no step has consumed. */
  unread(): string[] {
    return this.#news.flatMap((news) => ('message' in news ? [news.message] : []));
  }
}
