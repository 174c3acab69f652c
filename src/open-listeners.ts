/** The listeners of one relay: opens them, says why one fails, and closes them. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ListenError } from './listen-error.ts';
import { attempt } from './observe/fan-out.ts';
import { type LogSink, write } from './observe/log-line.ts';
import {
  formatAddress,
  isAcceptError,
  type ListenAddress,
  listen,
  stopListening,
} from './transport/listening.ts';
import { describeError, type ListenerName, type Observer } from './transport/observation.ts';

export interface OpenListenersOptions {
  readonly log: LogSink;
  readonly observer: Observer;
  /** Called if a listener fails after it has been opened. */
  readonly onFailed: (error: Error) => void;
  readonly watcherFailed: () => void;
}

/** They serve operators, who have questions about a drain most of all. */
const LOCAL: ReadonlySet<ListenerName> = new Set(['metrics', 'inspect']);

export class OpenListeners {
  readonly #options: OpenListenersOptions;
  readonly #servers: { readonly listener: ListenerName; readonly server: Server }[] = [];

  constructor(options: OpenListenersOptions) {
    this.#options = options;
  }

  /** @throws ListenError if the address cannot be bound */
  async bind(listener: ListenerName, server: Server, address: ListenAddress): Promise<AddressInfo> {
    return await this.#open(listener, server, address).catch((error: unknown) => {
      this.#say('listener failed', address, error);
      throw error instanceof Error && 'code' in error ? new ListenError(listener, address, error) : error;
    });
  }

  /** @returns null if the address cannot be bound */
  async bindOptional(
    listener: ListenerName,
    server: Server,
    address: ListenAddress,
  ): Promise<AddressInfo | null> {
    return await this.#open(listener, server, address).catch((error: unknown) => {
      this.#say('metrics listener left out', address, error);
      return null;
    });
  }

  /**
   * Accepts no peer else, and cuts who is left when `cutAt` resolves. Until then, the local listeners show how it goes. Resolves
   * when all have ended.
   */
  async stop(cutAt: Promise<void>): Promise<void> {
    await Promise.all(
      this.#servers.map(async ({ listener, server }) => {
        if (LOCAL.has(listener)) await cutAt;
        await stopListening(server, cutAt);
      }),
    );
  }

  async #open(listener: ListenerName, server: Server, address: ListenAddress): Promise<AddressInfo> {
    const { observer, onFailed, watcherFailed } = this.#options;
    this.#servers.push({ listener, server });
    const bound = await listen(server, address);
    server.on('error', (error) => {
      if (isAcceptError(error)) {
        const err = describeError(error);
        const peer = { remote: '', source: 'socket' } as const;
        observer.observe({ type: 'connection.not_taken', listener, reason: 'accept_failed', ...peer, err });
        return;
      }
      this.#say('listener failed', address, error);
      attempt(() => onFailed(error), watcherFailed);
    });
    return bound;
  }

  #say(event: 'listener failed' | 'metrics listener left out', at: ListenAddress, error: unknown): void {
    write(this.#options.log, event, { addr: formatAddress(at), err: describeError(error) });
  }
}
