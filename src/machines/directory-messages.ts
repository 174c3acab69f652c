/** What the directory is told, by its children, its parent and transport; and what it emits. */
import type { ActorRefFrom, AnyActorRef } from 'xstate';
import type { Role } from '../protocol/routing-headers.ts';
import type { connectionMachine } from './connection-machine.ts';
import type { ConnectionTiming } from './connection-messages.ts';
import type { DirectoryRequest } from './directory-request.ts';
import type { serverMachine } from './server-machine.ts';
import type { ServerTiming } from './server-messages.ts';
import type { ServerRef } from './server-view.ts';

export type ConnectionRef = ActorRefFrom<typeof connectionMachine>;

export interface DirectorySettings {
  readonly maxPhones: number;
  readonly serverTiming: ServerTiming;
  readonly connectionTiming: ConnectionTiming;
  /** From 0 up to 1, different each time: spreads the first pings of connections that are admitted together. */
  readonly spread: () => number;
  /** The server chart, or logic that wraps it and behaves alike: a flight recorder. */
  readonly serverLogic?: typeof serverMachine;
}

export interface DirectoryInput extends DirectorySettings {
  /** Told `directory.emptied` when draining has ended the last connection. */
  readonly relay: AnyActorRef;
}

/** A socket was upgraded; its connection wants to claim (binary) or register (phone). */
export interface Dial {
  readonly connId: string;
  readonly role: Role;
  readonly serverId: string;
}

export type DirectoryEvent =
  | ({ readonly type: 'connection.dialled' } & Dial)
  | { readonly type: 'drain' }
  | DirectoryRequest;

export type DirectoryEmitted =
  /** Before the actor starts: attach listeners now. */
  | { readonly type: 'connection.created'; readonly connId: string; readonly ref: ConnectionRef }
  | { readonly type: 'server.created'; readonly serverId: string; readonly ref: ServerRef }
  /** A server actor threw. Its connections have been told to close. */
  | { readonly type: 'server.failed'; readonly serverId: string; readonly error: unknown }
  /** A connection actor threw. Its server has been told that it left; its socket must be cut. */
  | {
      readonly type: 'connection.failed';
      readonly connId: string;
      readonly error: unknown;
      /** Admitted, and had not left yet. */
      readonly wasOpen: boolean;
    }
  /** An event for an actor that is not there, though it should be. Always a bug. */
  | { readonly type: 'event.undeliverable'; readonly to: 'server' | 'connection'; readonly event: string };
