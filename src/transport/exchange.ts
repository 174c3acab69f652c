/** Where the legs meet: the directory of actors, and the adapters by connection id. */
import type { DirectoryRef } from '../machines/relay-machine.ts';
import type { ServerRef } from '../machines/server-view.ts';
import type { ConnectionAdapter } from './connection-adapter.ts';
import { describeError, type Observer } from './observation.ts';
import type { Turn } from './turn.ts';

export interface Exchange {
  readonly directory: DirectoryRef;
  /** Sockets live here, membership does not: who belongs to a server-id is asked of its actor's snapshot. */
  readonly adapters: Map<string, ConnectionAdapter>;
  readonly observer: Observer;
  readonly turn: Turn;
  readonly phoneBacklogBytes: number;
}

export const findServer = (exchange: Exchange, serverId: string): ServerRef | undefined =>
  exchange.directory.getSnapshot().context.servers.get(serverId);

/**
 * An exception in a listener of XState, ws or Node would end the process: it is reported instead.
 * @returns whether there was none
 */
export const contain = (observer: Observer, act: () => void): boolean => {
  try {
    act();
    return true;
  } catch (error) {
    observer.observe({ type: 'effect.failed', err: describeError(error) });
    return false;
  }
};
