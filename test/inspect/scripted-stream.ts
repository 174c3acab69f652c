/** Serves the live page, and tells it of server-ids that are nothing but rows, or one view: as many, and in such states, as a test likes. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ROWS_PER_UPDATE } from '../../src/inspect/inspect-limits.ts';
import { readPageFiles } from '../../src/inspect/page-files.ts';
import { PAGE_HEADERS } from '../../src/inspect/page-headers.ts';
import { respondWithFile } from '../../src/inspect/page-response.ts';
import type { Overview, Row, ServerView, TimelineEvent } from '../../src/inspect/updates.ts';
import { Watcher } from '../../src/inspect/watcher.ts';

/** A page that hears nothing for three seconds takes the relay for gone. */
const SIGN_OF_LIFE_MS = 500;
const NOTHING = { states: [], timers: [] };
const OVERVIEW: Overview = {
  relay: { states: ['relay', 'relay.serving'], timers: [] },
  uptimeMs: 1,
  servers: { unclaimed: 0, live: 0, probing: 0, grace: 0, released: 0 },
  binaries: 0,
  phones: 0,
  push: { ...NOTHING, wakes: 0 },
  framesUp: 0,
  framesDown: 0,
  closeCodes: [],
};

export class ScriptedStream {
  readonly #rows = new Map<string, Row>();
  readonly #watchers = new Set<Watcher>();
  readonly #server: Server;
  readonly #signs: NodeJS.Timeout;
  /** What a page of any server-id shows. */
  #view: ServerView | null;

  private constructor(rows: readonly Row[], view: ServerView | null) {
    this.#view = view;
    for (const row of rows) this.#rows.set(row[0], row);
    const files = readPageFiles();
    this.#server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      if (url.pathname !== '/events') return respondWithFile(response, files.get(url.pathname));
      response.writeHead(200, { ...PAGE_HEADERS, 'Content-Type': 'text/event-stream' });
      const watcher = new Watcher(response, url.searchParams.get('server'));
      this.#watchers.add(watcher);
      response.on('close', () => this.#watchers.delete(watcher));
      watcher.greet({ version: 'test', maxPhones: 16, graceMs: 1 });
      return this.#begin(watcher);
    });
    this.#signs = setInterval(() => {
      for (const watcher of this.#watchers) watcher.send({ overview: OVERVIEW });
    }, SIGN_OF_LIFE_MS);
  }

  static async start(rows: readonly Row[], view: ServerView | null = null): Promise<ScriptedStream> {
    const stream = new ScriptedStream(rows, view);
    await new Promise<void>((resolve) => stream.#server.listen(0, '127.0.0.1', resolve));
    return stream;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo; // It listens on TCP.
    return `http://127.0.0.1:${port}/`;
  }

  row(serverId: string): Row | undefined {
    return this.#rows.get(serverId);
  }

  get rows(): readonly Row[] {
    return [...this.#rows.values()];
  }

  change(changed: readonly Row[]): void {
    for (const row of changed) this.#rows.set(row[0], row);
    for (const watcher of this.#watchers) {
      watcher.send({ overview: OVERVIEW, rows: { isFull: false, changed, gone: [] } });
    }
  }

  show(view: ServerView, events: readonly TimelineEvent[] = []): void {
    this.#view = view;
    for (const watcher of this.#watchers) watcher.send({ overview: OVERVIEW, server: view, events });
  }

  stop(): void {
    clearInterval(this.#signs);
    for (const watcher of this.#watchers) watcher.end();
    this.#server.close();
  }

  /** In parts, as the relay does. */
  #begin(watcher: Watcher): void {
    if (watcher.serverId !== null) {
      watcher.tellPast(null);
      watcher.send({ overview: OVERVIEW, server: this.#view });
      return;
    }
    const { rows } = this;
    for (let i = 0; i < rows.length; i += ROWS_PER_UPDATE) {
      const changed = rows.slice(i, i + ROWS_PER_UPDATE);
      watcher.send({ overview: OVERVIEW, rows: { isFull: i === 0, changed, gone: [] } });
    }
  }
}
