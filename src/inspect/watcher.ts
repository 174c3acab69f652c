/** One open page: a stream of server-sent events. The relay never waits for it. */
import type { ServerResponse } from 'node:http';
import { visibleJson } from '../protocol/visible-text.ts';
import { FULL_WATCHER_BYTES, SLOW_WATCHER_BYTES } from './inspect-limits.ts';
import type { ReplayPageServer } from './replay-page-data.ts';
import { Timeline } from './timeline.ts';
import type { Hello, Update } from './updates.ts';

export class Watcher {
  /** The watched server-id; null on the overview. */
  readonly serverId: string | null;
  readonly timeline = new Timeline();
  /** Whether the page receives every change. If not, it is sent all rows anew. */
  isCurrent = false;
  /** Server-ids whose rows the page has not received yet, as it may receive them only as fast as it reads. */
  missing: string[] = [];
  /** Connections of the watched server-id, admitted or not. Those that have ended are removed with the next update. */
  readonly connIds = new Set<string>();
  readonly #response: ServerResponse;

  constructor(response: ServerResponse, serverId: string | null) {
    this.#response = response;
    this.serverId = serverId;
  }

  /** Whether the page has fallen behind. */
  get isSlow(): boolean {
    return this.#response.writableLength > SLOW_WATCHER_BYTES;
  }

  /** Whether the page has taken nearly all it was sent. */
  get hasRoom(): boolean {
    return this.#response.writableLength < FULL_WATCHER_BYTES;
  }

  greet(hello: Hello): void {
    this.#response.write(`event: hello\ndata: ${visibleJson(JSON.stringify(hello))}\n\n`);
  }

  tellPast(past: ReplayPageServer | null): void {
    this.#response.write(`event: past\ndata: ${visibleJson(JSON.stringify(past))}\n\n`);
  }

  send(update: Update): void {
    this.#response.write(`data: ${visibleJson(JSON.stringify(update))}\n\n`);
  }

  end(): void {
    this.#response.end();
  }
}
