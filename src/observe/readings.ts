/** What the series read at each scrape. */

import type { StateValue } from 'xstate';
import type { AdmissionUse } from '../admission/entrance.ts';
import type { ConnectionSnapshot } from '../machines/connection-view.ts';
import type { Role } from '../protocol/routing-headers.ts';
import type { Census } from './census.ts';
import type { LogLosses } from './log-losses.ts';
import type { MemoryReadings } from './memory-readings.ts';
import type { ReadinessReadings } from './readiness.ts';

export interface AdmissionReading extends AdmissionUse {
  readonly unfinished: number;
}

/** What the gauges read of a connection; its adapter satisfies it. */
export interface Held {
  readonly role: Role;
  readonly outbox: { readonly chargedBytes: number };
  /** Phones: the binary for which it is paused. */
  readonly pausedFor: object | undefined;
  readonly chart: { getSnapshot(): ConnectionSnapshot };
}

export type Machine = 'relay' | 'server' | 'connection' | 'push' | 'wake';

/** What is read of an actor. */
export interface Stateful {
  getSnapshot(): { readonly value: StateValue };
}

export type Actors = Readonly<Record<Machine, Iterable<Stateful>>>;

export interface Readings {
  readonly census: Census;
  readonly logLosses: LogLosses;
  /** The open connections, by conn id. */
  readonly held: ReadonlyMap<string, Held>;
  /** Undefined while there is no certificate. */
  readonly certificateExpiresAtMs: () => number | undefined;
  /** What is used of the limits of admission. */
  readonly use: () => AdmissionReading;
  readonly memory: MemoryReadings;
  readonly readiness: ReadinessReadings;
  /** Bytes read so far, by the role of the sender. */
  readonly receivedBytes: () => Readonly<Record<Role, number>>;
  readonly actors: () => Actors;
  /** Push tokens that are refused without a call. */
  readonly deadTokens: () => number;
  /** Reloads that were refused before they reached the relay. */
  readonly unreadReloads: () => number;
}
