/** What a program that embeds the relay has of it. */
import type { AddressInfo } from 'node:net';
import type { Reloaded } from './config/reload.ts';
import type { RelayOptions } from './relay-options.ts';

export interface Started {
  /** Of the listener that phones and binaries dial. */
  readonly address: AddressInfo;
  /** Null unless certificates are ordered from an ACME server. */
  readonly challengeAddress: AddressInfo | null;
  /** Null when metrics are off. */
  readonly metricsAddress: AddressInfo | null;
  /** Null when the live page is off. */
  readonly inspectAddress: AddressInfo | null;
}

export interface Relay {
  /**
   * Opens the listeners.
   * @throws an error with the system's `code` if an address cannot be bound; all listeners are then closed
   * @throws Error if called twice or after `stop`; a running relay is not affected
   */
  start(): Promise<Started>;
  /**
   * Puts new settings in force, all that can change or none: as for `createRelay`, so an absent one gets its default. The log and the
   * functions among the options stay as they are. One reload runs at a time.
   * @throws ConfigError if a setting, or a file that it names, cannot be used; the old settings stay in force
   * @throws Error unless the relay has been started and not stopped
   */
  reload(options: RelayOptions): Promise<Reloaded>;
  /** Sends backlogs, closes all peers with 1001, and resolves when all have ended or the drain deadline has passed. */
  stop(): Promise<void>;
}
