/**
 * The switchboard. Holds the relay's two maps: server actors, one per server-id, and connection actors, one per socket.
 * It creates and removes actors and passes events between them. It decides nothing about a server-id: the server chart
 * does. It only bounds how many connections of one are being closed, because these outlive the server actor.
 *
 * This is custom actor logic, because a machine copies its whole `children` object on every spawn and stop, which is
 * quadratic (docs/adr/0001). Its one snapshot holds the live directory, whose maps change in place.
 */
import type { ActorLogic, ActorScope, ActorSystem, ActorSystemInfo } from 'xstate';
import { INTERNAL_ERROR, SHUTTING_DOWN } from '../protocol/close-codes.ts';
import { MAX_CLOSING_REFUSED, maxClosing } from '../protocol/limits.ts';
import { ClosingConnections } from './closing-connections.ts';
import { connectionContext, connectionMachine } from './connection-machine.ts';
import type { ConnectionCommand, ConnectionInput } from './connection-messages.ts';
import { isOpen, isWaiting } from './connection-view.ts';
import { deliver } from './delivery.ts';
import type {
  ConnectionRef,
  Dial,
  DirectoryEmitted,
  DirectoryEvent,
  DirectoryInput,
} from './directory-messages.ts';
import type { ClosingReport } from './directory-request.ts';
import { createLeanActor } from './lean-actor.ts';
import { readyLogic } from './ready-logic.ts';
import { serverContext, serverMachine } from './server-machine.ts';
import type { ServerEvent, ServerInput } from './server-messages.ts';
import type { ServerRef } from './server-view.ts';

export const SERVER_PREFIX = 'server/';
export const CONNECTION_PREFIX = 'connection/';

export interface DirectorySnapshot {
  readonly status: 'active';
  readonly output: undefined;
  readonly error: undefined;
  readonly context: Directory;
}

/** XState sends these to any logic: stop, and the end of a child. */
type SystemEvent =
  | { readonly type: 'xstate.stop' }
  | { readonly type: `xstate.done.actor.${string}`; readonly actorId: string }
  | { readonly type: `xstate.error.actor.${string}`; readonly actorId: string; readonly error: unknown };

type Wave = Pick<Extract<DirectoryEvent, { type: 'drain' }>, 'wavesLeft' | 'waves'>;

type System = ActorSystem<ActorSystemInfo>;
type Scope = ActorScope<DirectorySnapshot, DirectoryEvent | SystemEvent, System, DirectoryEmitted>;

const SERVER_FAILED: ConnectionCommand = {
  type: 'close',
  close: INTERNAL_ERROR,
  cause: 'internal_error',
  flush: false,
  isNoticeOwed: false,
};

const connectionLogic = readyLogic(connectionMachine, connectionContext);
const readyServerLogic = readyLogic(serverMachine, serverContext);

/** A server actor that is done stays in the map until its done event arrives here. It must get no more events. */
const isActive = (ref: ServerRef | undefined): ref is ServerRef => ref?.getSnapshot().status === 'active';

export class Directory {
  readonly #input: DirectoryInput;
  readonly #servers = new Map<string, ServerRef>();
  readonly #connections = new Map<string, ConnectionRef>();
  readonly #leaving: ClosingConnections;
  readonly #refused = new ClosingConnections(MAX_CLOSING_REFUSED);
  /** Server-ids at the start of the drain; undefined before. */
  #drained: number | undefined;

  constructor(input: DirectoryInput) {
    this.#input = input;
    this.#leaving = new ClosingConnections(maxClosing(input.maxPhones));
  }

  /** By server-id. */
  get servers(): ReadonlyMap<string, ServerRef> {
    return this.#servers;
  }

  /** By conn id. */
  get connections(): ReadonlyMap<string, ConnectionRef> {
    return this.#connections;
  }

  handle(event: DirectoryEvent | SystemEvent, scope: Scope): void {
    switch (event.type) {
      case 'connection.dialled':
        this.#openDial(event, scope);
        return;
      case 'tell.server':
        this.#tellServer(event.serverId, event.event, scope);
        return;
      case 'tell.connections':
        for (const connId of event.connIds) this.#tellConnection(connId, event.event, scope);
        return;
      case 'connection.closing':
        this.#boundClosing(event, scope);
        return;
      case 'drain':
        this.#drainServers(event, scope);
        this.#announceEmptied(scope);
        return;
      case 'xstate.stop':
        for (const ref of this.#servers.values()) scope.stopChild(ref);
        for (const ref of this.#connections.values()) scope.stopChild(ref);
        this.#servers.clear();
        this.#connections.clear();
        this.#leaving.clear();
        this.#refused.clear();
        return;
      default:
        if ('error' in event) this.#childFailed(event.actorId, event.error, scope);
        this.#removeChild(event.actorId, scope);
    }
  }

  #openDial(dial: Dial, scope: Scope): void {
    const { connId, role, serverId } = dial;
    const connection = this.#openConnection(dial, scope);
    const found = this.#servers.get(serverId);
    // A drain in waves still serves those whose turn has not come.
    if (this.#drained !== undefined && !isActive(found)) {
      const refusal: ConnectionCommand = { type: 'refuse', close: SHUTTING_DOWN };
      scope.defer(() => deliver(scope.self, connection, refusal));
      return;
    }
    // Phones get a server actor too: the server chart alone decides what a missing binary means.
    const server = isActive(found) ? found : this.#openServer(serverId, scope);
    const event: ServerEvent = { type: role === 'binary' ? 'binary.claimed' : 'phone.registered', connId };
    scope.defer(() => deliver(scope.self, server, event));
  }

  #openConnection({ connId, role, serverId }: Dial, scope: Scope): ConnectionRef {
    const { connectionTiming: timing, spread } = this.#input;
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

  #openServer(serverId: string, scope: Scope): ServerRef {
    const { serverLogic = readyServerLogic, maxPhones, serverTiming: timing } = this.#input;
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

  #tellServer(serverId: string, event: ServerEvent, scope: Scope): void {
    const server = this.#servers.get(serverId);
    if (isActive(server)) {
      scope.defer(() => deliver(scope.self, server, event));
      return;
    }
    // A phone that left by itself can outlive its server-id while its socket ends. No binary is left to notify.
    if (event.type === 'phone.ended') return;
    scope.emit({ type: 'event.undeliverable', to: 'server', event: event.type });
  }

  #tellConnection(connId: string, event: ConnectionCommand, scope: Scope): void {
    const connection = this.#connections.get(connId);
    if (connection === undefined)
      scope.emit({ type: 'event.undeliverable', to: 'connection', event: event.type });
    else scope.defer(() => deliver(scope.self, connection, event));
  }

  /** Cuts the oldest closing connection of the server-id if there are too many. */
  #boundClosing({ serverId, connId, wasAdmitted }: ClosingReport, scope: Scope): void {
    // A drain closes all at once and admits no others: their backlogs are sent until its own deadline.
    if (wasAdmitted && this.#drained !== undefined) return;
    const oldest = (wasAdmitted ? this.#leaving : this.#refused).add(serverId, connId);
    if (oldest !== undefined) this.#tellConnection(oldest, { type: 'cut' }, scope);
  }

  /** The oldest first: their connections have had the longest time. */
  #drainServers({ wavesLeft, waves }: Wave, scope: Scope): void {
    const active = [...this.#servers.values()].filter(isActive);
    this.#drained ??= active.length;
    const staying = Math.floor((this.#drained * (wavesLeft - 1)) / waves);
    for (const ref of active.slice(0, Math.max(0, active.length - staying)))
      scope.defer(() => deliver(scope.self, ref, { type: 'drain' }));
  }

  #announceEmptied(scope: Scope): void {
    if (this.#drained === undefined || this.#connections.size > 0) return;
    scope.defer(() => deliver(scope.self, this.#input.relay, { type: 'directory.emptied' }));
  }

  #childFailed(actorId: string, error: unknown, scope: Scope): void {
    if (actorId.startsWith(SERVER_PREFIX))
      this.#serverFailed(actorId.slice(SERVER_PREFIX.length), error, scope);
    else this.#connectionFailed(actorId.slice(CONNECTION_PREFIX.length), error, scope);
  }

  /** If a chart throws, its own connections are closed, and no others. */
  #serverFailed(serverId: string, error: unknown, scope: Scope): void {
    scope.emit({ type: 'server.failed', serverId, error });
    for (const ref of this.#connections.values()) {
      if (ref.getSnapshot().context.serverId === serverId)
        scope.defer(() => deliver(scope.self, ref, SERVER_FAILED));
    }
  }

  /** The chart can no longer tell its server that the connection left, or that a notice is due. The directory does it. */
  #connectionFailed(connId: string, error: unknown, scope: Scope): void {
    const snapshot = this.#connections.get(connId)?.getSnapshot();
    if (snapshot === undefined) {
      scope.emit({ type: 'event.undeliverable', to: 'connection', event: 'xstate.error.actor' });
      return;
    }
    const { role, serverId, binaryId, isNoticeOwed } = snapshot.context;
    const wasOpen = isOpen(snapshot);
    scope.defer(() => scope.emit({ type: 'connection.failed', connId, error, wasOpen }));
    if (wasOpen || isWaiting(snapshot)) this.#tellServer(serverId, { type: `${role}.left`, connId }, scope);
    if (!isNoticeOwed || binaryId === null) return;
    const { closeCode } = INTERNAL_ERROR;
    this.#tellServer(serverId, { type: 'phone.ended', connId, binaryId, closeCode }, scope);
  }

  #removeChild(actorId: string, scope: Scope): void {
    if (actorId.startsWith(SERVER_PREFIX)) {
      const serverId = actorId.slice(SERVER_PREFIX.length);
      // The server-id may have been claimed again before this event arrived: keep the new actor.
      if (!isActive(this.#servers.get(serverId))) this.#servers.delete(serverId);
      return;
    }
    const connId = actorId.slice(CONNECTION_PREFIX.length);
    const serverId = this.#connections.get(connId)?.getSnapshot().context.serverId;
    this.#connections.delete(connId);
    if (serverId !== undefined) {
      this.#leaving.delete(serverId, connId);
      this.#refused.delete(serverId, connId);
    }
    this.#announceEmptied(scope);
  }
}

export const directory: ActorLogic<
  DirectorySnapshot,
  DirectoryEvent | SystemEvent,
  DirectoryInput,
  System,
  DirectoryEmitted
> = {
  getInitialSnapshot: (_, input) => ({
    status: 'active',
    output: undefined,
    error: undefined,
    context: new Directory(input),
  }),
  transition: (snapshot, event, scope) => {
    snapshot.context.handle(event, scope);
    return snapshot;
  },
  getPersistedSnapshot: () => {
    throw new TypeError('the directory holds live actors: it cannot be persisted');
  },
};
