/** The relay's two maps: server actors, one per server-id, and connection actors, one per socket. Creates and removes them. */
import type { AnyActorRef } from 'xstate';
import { connectionContext, connectionMachine } from './connection-machine.ts';
import type { ConnectionInput } from './connection-messages.ts';
import type { ConnectionRef, Dial, DirectoryEmitted, DirectorySettings } from './directory-messages.ts';
import { createLeanActor } from './lean-actor.ts';
import { readyLogic } from './ready-logic.ts';
import { serverContext, serverMachine } from './server-machine.ts';
import type { ServerInput } from './server-messages.ts';
import type { ServerRef } from './server-view.ts';

export const SERVER_PREFIX = 'server/';
export const CONNECTION_PREFIX = 'connection/';

/** What the directory does in the actor system, within one event. */
export interface DirectoryScope {
  readonly self: AnyActorRef;
  readonly emit: (event: DirectoryEmitted) => void;
  /** Runs `act` once the event has been handled. */
  readonly defer: (act: () => void) => void;
  readonly stopChild: (child: AnyActorRef) => void;
}

const connectionLogic = readyLogic(connectionMachine, connectionContext);
const readyServerLogic = readyLogic(serverMachine, serverContext);

/** A server actor that is done stays in the map until its done event arrives. It must get no more events. */
const isActive = (ref: ServerRef | undefined): ref is ServerRef => ref?.getSnapshot().status === 'active';

export class DirectoryActors {
  readonly #settings: DirectorySettings;
  readonly #servers = new Map<string, ServerRef>();
  readonly #connections = new Map<string, ConnectionRef>();

  constructor(settings: DirectorySettings) {
    this.#settings = settings;
  }

  /** By server-id. */
  get servers(): ReadonlyMap<string, ServerRef> {
    return this.#servers;
  }

  /** By conn id. */
  get connections(): ReadonlyMap<string, ConnectionRef> {
    return this.#connections;
  }

  /** Undefined also if it is done. */
  activeServer(serverId: string): ServerRef | undefined {
    const server = this.#servers.get(serverId);
    return isActive(server) ? server : undefined;
  }

  /** The oldest first. */
  activeServers(): readonly ServerRef[] {
    return [...this.#servers.values()].filter(isActive);
  }

  openConnection({ connId, role, serverId }: Dial, scope: DirectoryScope): ConnectionRef {
    const { connectionTiming: timing, spread } = this.#settings;
    // The first ping is in the second half of the interval: spread out, but not early.
    const firstHeartbeatMs = Math.ceil(timing.heartbeatIntervalMs * (1 - spread() / 2));
    const input: ConnectionInput = { connId, role, serverId, timing, firstHeartbeatMs };
    const ref = createLeanActor(connectionLogic, {
      id: `${CONNECTION_PREFIX}${connId}`,
      parent: scope.self,
      input,
    });
    this.#connections.set(connId, ref);
    scope.emit({ type: 'connection.created', connId, ref });
    scope.defer(() => ref.start());
    return ref;
  }

  openServer(serverId: string, scope: DirectoryScope): ServerRef {
    const { serverLogic = readyServerLogic, maxPhones, serverTiming: timing } = this.#settings;
    const input: ServerInput = { serverId, maxPhones, timing };
    const ref = createLeanActor(serverLogic, {
      id: `${SERVER_PREFIX}${serverId}`,
      parent: scope.self,
      input,
    });
    this.#servers.set(serverId, ref);
    scope.emit({ type: 'server.created', serverId, ref });
    scope.defer(() => ref.start());
    return ref;
  }

  /** Harmless if the server-id has been claimed again meanwhile: the new actor is kept. */
  removeServer(serverId: string): void {
    if (!isActive(this.#servers.get(serverId))) this.#servers.delete(serverId);
  }

  /** @returns the server-id that it was of; undefined if there is no such connection */
  removeConnection(connId: string): string | undefined {
    const serverId = this.#connections.get(connId)?.getSnapshot().context.serverId;
    this.#connections.delete(connId);
    return serverId;
  }

  stopAll(scope: DirectoryScope): void {
    for (const ref of this.#servers.values()) scope.stopChild(ref);
    for (const ref of this.#connections.values()) scope.stopChild(ref);
    this.#servers.clear();
    this.#connections.clear();
  }
}
