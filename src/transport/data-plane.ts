/** What the data plane works with: the directory for routes, the adapters, the observer and the turn. */
import type { BacklogLedger } from '../admission/backlog-ledger.ts';
import type { Rate } from '../admission/byte-rate.ts';
import type { DirectoryRef } from '../machines/relay-machine.ts';
import type { ServerRef } from '../machines/server-view.ts';
import type { ConnectionAdapter } from './connection-adapter.ts';
import type { EndSlices } from './end-slices.ts';
import type { ListenerHooks } from './http-listener.ts';
import { describeError, type ListenerName, type Observer, type Watcher } from './observation.ts';
import type { Traffic } from './traffic.ts';
import type { Turn } from './turn.ts';

/** Holds server-ids to a byte rate. */
export interface Throttle {
  /** Undefined: off. A new rate applies to whatever is read from then on. */
  rate: Rate | undefined;
  /** Counts bytes that were read from a connection. */
  count(plane: DataPlane, adapter: ConnectionAdapter, bytes: number): void;
}

/** Takes what binaries ask for phones that are away. */
export interface Wakes {
  /** @param wake the value of `push_wake`, one JSON value */
  request(binary: { readonly serverId: string; readonly connId: string }, wake: Uint8Array): void;
}

export interface DataPlane {
  readonly directory: DirectoryRef;
  /** By conn id. Registration is not kept here: it is read from the server actor's snapshot. */
  readonly adapters: Map<string, ConnectionAdapter>;
  readonly observer: Observer;
  readonly turn: Turn;
  readonly ends: EndSlices;
  readonly phoneBacklogBytes: number;
  /** What all connections together hold. */
  readonly backlog: BacklogLedger<ConnectionAdapter>;
  readonly throttle: Throttle;
  readonly traffic: Traffic;
  readonly wakes: Wakes;
}

export const findServer = ({ directory }: DataPlane, serverId: string): ServerRef | undefined =>
  directory.getSnapshot().context.servers.get(serverId);

/**
 * Runs `act` and reports an exception. Thrown in a listener of XState, ws or Node, it would end the process.
 * @returns false if it threw
 */
export const contain = (observer: Watcher, act: () => void): boolean => {
  try {
    act();
    return true;
  } catch (error) {
    observer.observe({ type: 'effect.failed', err: describeError(error) });
    return false;
  }
};

/** What a listener reports, and to whom. */
export const listenerHooks = (observer: Observer, listener: ListenerName): ListenerHooks => ({
  onRefused: (refusal) => observer.observe({ type: 'request.refused', listener, ...refusal }),
  contain: (act) => contain(observer, act),
});
