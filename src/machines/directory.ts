/**
 * The switchboard. It has actors created and removed, and passes events between them. It decides nothing about a server-id: the
 * server chart does. It only bounds how many connections of one are being closed, because these outlive the server actor.
 */
import { INTERNAL_ERROR, SHUTTING_DOWN } from '../protocol/close-codes.ts';
import { MAX_CLOSING_REFUSED, maxClosing } from '../protocol/limits.ts';
import { ClosingConnections } from './closing-connections.ts';
import type { ConnectionCommand } from './connection-messages.ts';
import { isOpen, isWaiting } from './connection-view.ts';
import { deliver } from './delivery.ts';
import {
  CONNECTION_PREFIX,
  DirectoryActors,
  type DirectoryScope,
  SERVER_PREFIX,
} from './directory-actors.ts';
import type {
  ConnectionRef,
  Dial,
  DirectoryEvent,
  DirectoryInput,
  DirectorySystemEvent,
} from './directory-messages.ts';
import type { ClosingReport } from './directory-request.ts';
import type { ServerEvent } from './server-messages.ts';
import type { ServerRef } from './server-view.ts';

type Wave = Pick<Extract<DirectoryEvent, { type: 'drain' }>, 'wavesLeft' | 'waves'>;

const SERVER_FAILED: ConnectionCommand = {
  type: 'close',
  close: INTERNAL_ERROR,
  cause: 'internal_error',
  flush: false,
  isNoticeOwed: false,
};

export class Directory {
  readonly #input: DirectoryInput;
  readonly #actors: DirectoryActors;
  readonly #servers: ReadonlyMap<string, ServerRef>;
  readonly #connections: ReadonlyMap<string, ConnectionRef>;
  readonly #leaving: ClosingConnections;
  readonly #refused = new ClosingConnections(MAX_CLOSING_REFUSED);
  /** Server-ids at the start of the drain; undefined before. */
  #drained: number | undefined;

  constructor(input: DirectoryInput) {
    this.#input = input;
    this.#actors = new DirectoryActors(input);
    // Read for each frame, so kept here.
    this.#servers = this.#actors.servers;
    this.#connections = this.#actors.connections;
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

  handle(event: DirectoryEvent | DirectorySystemEvent, scope: DirectoryScope): void {
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
        this.#actors.stopAll(scope);
        this.#leaving.clear();
        this.#refused.clear();
        return;
      default:
        if ('error' in event) this.#childFailed(event.actorId, event.error, scope);
        this.#removeChild(event.actorId, scope);
    }
  }

  #openDial(dial: Dial, scope: DirectoryScope): void {
    const { connId, role, serverId } = dial;
    const connection = this.#actors.openConnection(dial, scope);
    const found = this.#actors.activeServer(serverId);
    // A drain in waves still serves those whose turn has not come.
    if (this.#drained !== undefined && found === undefined) {
      const refusal: ConnectionCommand = { type: 'refuse', close: SHUTTING_DOWN };
      scope.defer(() => deliver(scope.self, connection, refusal));
      return;
    }
    // Phones get a server actor too: the server chart alone decides what a missing binary means.
    const server = found ?? this.#actors.openServer(serverId, scope);
    const event: ServerEvent = { type: role === 'binary' ? 'binary.claimed' : 'phone.registered', connId };
    scope.defer(() => deliver(scope.self, server, event));
  }

  #tellServer(serverId: string, event: ServerEvent, scope: DirectoryScope): void {
    const server = this.#actors.activeServer(serverId);
    if (server !== undefined) {
      scope.defer(() => deliver(scope.self, server, event));
      return;
    }
    // A phone that left by itself can outlive its server-id while its socket ends. No binary is left to notify.
    if (event.type === 'phone.ended') return;
    scope.emit({ type: 'event.undeliverable', to: 'server', event: event.type });
  }

  #tellConnection(connId: string, event: ConnectionCommand, scope: DirectoryScope): void {
    const connection = this.#connections.get(connId);
    if (connection === undefined)
      scope.emit({ type: 'event.undeliverable', to: 'connection', event: event.type });
    else scope.defer(() => deliver(scope.self, connection, event));
  }

  /** Cuts the oldest closing connection of the server-id if there are too many. */
  #boundClosing({ serverId, connId, wasAdmitted }: ClosingReport, scope: DirectoryScope): void {
    // A drain closes all at once and admits no others: their backlogs are sent until its own deadline.
    if (wasAdmitted && this.#drained !== undefined) return;
    const oldest = (wasAdmitted ? this.#leaving : this.#refused).add(serverId, connId);
    if (oldest !== undefined) this.#tellConnection(oldest, { type: 'cut' }, scope);
  }

  /** The oldest first: their connections have had the longest time. */
  #drainServers({ wavesLeft, waves }: Wave, scope: DirectoryScope): void {
    const active = this.#actors.activeServers();
    this.#drained ??= active.length;
    const staying = Math.floor((this.#drained * (wavesLeft - 1)) / waves);
    for (const ref of active.slice(0, Math.max(0, active.length - staying)))
      scope.defer(() => deliver(scope.self, ref, { type: 'drain' }));
  }

  #announceEmptied(scope: DirectoryScope): void {
    if (this.#drained === undefined || this.#connections.size > 0) return;
    scope.defer(() => deliver(scope.self, this.#input.relay, { type: 'directory.emptied' }));
  }

  #childFailed(actorId: string, error: unknown, scope: DirectoryScope): void {
    if (actorId.startsWith(SERVER_PREFIX))
      this.#serverFailed(actorId.slice(SERVER_PREFIX.length), error, scope);
    else this.#connectionFailed(actorId.slice(CONNECTION_PREFIX.length), error, scope);
  }

  /** If a chart throws, its own connections are closed, and no others. */
  #serverFailed(serverId: string, error: unknown, scope: DirectoryScope): void {
    scope.emit({ type: 'server.failed', serverId, error });
    for (const ref of this.#connections.values()) {
      if (ref.getSnapshot().context.serverId === serverId)
        scope.defer(() => deliver(scope.self, ref, SERVER_FAILED));
    }
  }

  /** The chart can no longer tell its server that the connection left, or that a notice is due. The directory does it. */
  #connectionFailed(connId: string, error: unknown, scope: DirectoryScope): void {
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

  #removeChild(actorId: string, scope: DirectoryScope): void {
    if (actorId.startsWith(SERVER_PREFIX)) {
      this.#actors.removeServer(actorId.slice(SERVER_PREFIX.length));
      return;
    }
    const connId = actorId.slice(CONNECTION_PREFIX.length);
    const serverId = this.#actors.removeConnection(connId);
    if (serverId !== undefined) {
      this.#leaving.delete(serverId, connId);
      this.#refused.delete(serverId, connId);
    }
    this.#announceEmptied(scope);
  }
}
