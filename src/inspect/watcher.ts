/** One open page: a stream of server-sent events. The relay never waits for it. */
import type { ServerResponse } from 'node:http';
import { SLOW_WATCHER_BYTES } from './inspect-limits.ts';
import { Timeline } from './timeline.ts';
import type { Hello, Update } from './updates.ts';

export class Watcher {
  /** The watched server-id; null on the overview. */
  readonly serverId: string | null;
  readonly timeline = new Timeline();
  /** Whether the page has received all rows and every change since. */
  isCurrent = false;
  readonly #response: ServerResponse;

  constructor(response: ServerResponse, serverId: string | null) {
    this.#response = response;
    this.serverId = serverId;
  }

  /** Whether the page has fallen behind. */
  get isSlow(): boolean {
    return this.#response.writableLength > SLOW_WATCHER_BYTES;
  }

  greet(hello: Hello): void {
    this.#response.write(`event: hello\ndata: ${JSON.stringify(hello)}\n\n`);
  }

  send(update: Update): void {
    this.#response.write(`data: ${JSON.stringify(update)}\n\n`);
  }

  end(): void {
    this.#response.end();
  }
}
