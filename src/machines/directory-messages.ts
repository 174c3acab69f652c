/** Events that the directory receives from its children, its parent and transport, and events that it emits. */
import type { ActorRefFrom, AnyActorRef } from 'xstate';
import type { Role } from '../protocol/routing-headers.ts';
import type { connectionMachine } from './connection-machine.ts';
import type { ConnectionTiming } from './connection-messages.ts';
import type { ClosingReport, DirectoryRequest } from './directory-request.ts';
import type { serverMachine } from './server-machine.ts';
import type { ServerTiming } from './server-messages.ts';
import type { ServerRef } from './server-view.ts';

export type ConnectionRef = ActorRefFrom<typeof connectionMachine>;

export interface DirectorySettings {
  readonly maxPhones: number;
  readonly serverTiming: ServerTiming;
  readonly connectionTiming: ConnectionTiming;
  /** Random, from 0 up to 1: spreads the first pings of connections that are admitted together. */
  readonly spread: () => number;
  /** The server chart, or logic that wraps it without changing its behaviour, such as the flight recorder. */
  readonly serverLogic?: typeof serverMachine;
}

export interface DirectoryInput extends DirectorySettings {
  /** Receives `directory.emptied` when the last connection has ended during a drain. */
  readonly relay: AnyActorRef;
}

/** A socket was upgraded. Its connection wants to claim (binary) or register (phone). */
export interface Dial {
  readonly connId: string;
  readonly role: Role;
  readonly serverId: string;
}

export type DirectoryEvent =
  | ({ readonly type: 'connection.dialled' } & Dial)
  /**
   * Close the part of the server-ids whose wave it is, of `waves` equal ones; the last with `wavesLeft` 1. From the first on, accept
   * no connection for others.
   */
  | { readonly type: 'drain'; readonly wavesLeft: number; readonly waves: number }
  | ClosingReport
  | DirectoryRequest;

/** XState sends these to any logic: stop, and the end of a child. */
export type DirectorySystemEvent =
  | { readonly type: 'xstate.stop' }
  | { readonly type: `xstate.done.actor.${string}`; readonly actorId: string }
  | { readonly type: `xstate.error.actor.${string}`; readonly actorId: string; readonly error: unknown };

export type DirectoryEmitted =
  /** Emitted before the actor starts, so that listeners miss nothing. */
  | { readonly type: 'connection.created'; readonly connId: string; readonly ref: ConnectionRef }
  | { readonly type: 'server.created'; readonly serverId: string; readonly ref: ServerRef }
  /** A server actor threw. Its connections have been told to close. */
  | { readonly type: 'server.failed'; readonly serverId: string; readonly error: unknown }
  /** A connection actor threw. Its server has been told that it left; its socket must be cut. */
  | {
      readonly type: 'connection.failed';
      readonly connId: string;
      readonly error: unknown;
      /** It was admitted and had not left yet. */
      readonly wasOpen: boolean;
    }
  /** The recipient of an event does not exist, though it should. Always a bug. */
  | { readonly type: 'event.undeliverable'; readonly to: 'server' | 'connection'; readonly event: string };
