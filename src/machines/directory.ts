/**
 * Creates, finds and removes the server actors (one per server-id) and the connection actors (one per socket).
 * The one place that knows which server-ids exist here. It is transition logic and not a machine because a machine
 * copies its whole `children` object on every spawn and stop, which is quadratic; docs/adr/0001 has the numbers.
 */
import {
  type ActorRefFrom,
  type ActorScope,
  type AnyActorRef,
  createActor,
  fromTransition,
  type Snapshot,
} from 'xstate';
import { type Close, INTERNAL_ERROR, NO_SERVER, SHUTTING_DOWN } from '../protocol/close-codes.ts';
import type { Role } from '../protocol/routing-headers.ts';
import { connectionContext, connectionMachine } from './connection-machine.ts';
import type { CloseOrder, ConnectionTiming } from './connection-messages.ts';
import { withReadyStart } from './ready-start.ts';
import { serverContext, serverMachine } from './server-machine.ts';
import type { ServerTiming } from './server-messages.ts';
import type { ServerRef } from './server-view.ts';

export type ConnectionRef = ActorRefFrom<typeof connectionMachine>;

export interface DirectoryInput {
  readonly maxPhones: number;
  readonly serverTiming: ServerTiming;
  readonly connectionTiming: ConnectionTiming;
  /** The server chart, or a logic that wraps it and behaves alike: a flight recorder. */
  readonly serverLogic?: typeof serverMachine;
}

export interface DirectoryContext {
  readonly servers: ReadonlyMap<string, ServerRef>;
  readonly connections: ReadonlyMap<string, ConnectionRef>;
  readonly isDraining: boolean;
}

export type DirectoryEvent =
  /** A socket was upgraded; the connection wants to claim (binary) or register (phone). */
  | {
      readonly type: 'connection.dialled';
      readonly connId: string;
      readonly role: Role;
      readonly serverId: string;
    }
  | { readonly type: 'drain' };

export type DirectoryEmitted =
  /** Before the actor starts: attach what listens to it now. */
  | { readonly type: 'connection.created'; readonly connId: string; readonly ref: ConnectionRef }
  | { readonly type: 'server.created'; readonly serverId: string; readonly ref: ServerRef }
  /** Refused without a server actor. */
  | { readonly type: 'connection.refused'; readonly connId: string; readonly close: Close }
  /** An actor threw. A failed server's connections are told to close; a failed connection's socket must be cut. */
  | { readonly type: 'server.failed'; readonly serverId: string; readonly error: unknown }
  | { readonly type: 'connection.failed'; readonly connId: string; readonly error: unknown }
  /** Draining, and the last connection has ended. */
  | { readonly type: 'directory.emptied' };

/** What XState itself sends to logic: stop, and the ends of children. */
type SystemEvent =
  | { readonly type: 'xstate.stop' }
  | { readonly type: `xstate.done.actor.${string}`; readonly actorId: string }
  | { readonly type: `xstate.error.actor.${string}`; readonly actorId: string; readonly error: unknown };

const SERVER_PREFIX = 'server/';
const CONNECTION_PREFIX = 'connection/';

const SERVER_FAILED: CloseOrder = {
  close: INTERNAL_ERROR,
  cause: 'internal_error',
  flush: false,
  notice: 'none',
};

type DirectoryScope = ActorScope<
  Snapshot<undefined> & { context: OpenDirectory },
  DirectoryEvent | SystemEvent,
  AnyActorRef['system'],
  DirectoryEmitted
>;

/** The directory's own view of its context: only its transition writes the maps. */
export interface OpenDirectory extends DirectoryContext {
  readonly input: DirectoryInput;
  readonly servers: Map<string, ServerRef>;
  readonly connections: Map<string, ConnectionRef>;
}

type Dialled = DirectoryEvent & { readonly type: 'connection.dialled' };

const readyConnection = withReadyStart(connectionMachine, connectionContext);
const readyServer = withReadyStart(serverMachine, serverContext);

const openConnection = (
  { input, connections }: OpenDirectory,
  event: Dialled,
  scope: DirectoryScope,
): void => {
  const { connId, role, serverId } = event;
  const ref = createActor(readyConnection, {
    id: `${CONNECTION_PREFIX}${connId}`,
    parent: scope.self,
    input: { connId, role, serverId, timing: input.connectionTiming },
  });
  connections.set(connId, ref);
  scope.emit({ type: 'connection.created', connId, ref });
  scope.defer(() => ref.start());
};

const openServer = (
  { input, servers }: OpenDirectory,
  serverId: string,
  scope: DirectoryScope,
): ServerRef => {
  const ref = createActor(input.serverLogic ?? readyServer, {
    id: `${SERVER_PREFIX}${serverId}`,
    parent: scope.self,
    input: { serverId, maxPhones: input.maxPhones, timing: input.serverTiming },
  });
  servers.set(serverId, ref);
  scope.emit({ type: 'server.created', serverId, ref });
  scope.defer(() => ref.start());
  return ref;
};

/** A server actor that is done stays in the map until its last event arrives here; it serves nobody. */
const isActive = (ref: ServerRef | undefined): ref is ServerRef => ref?.getSnapshot().status === 'active';

const admit = (state: OpenDirectory, event: Dialled, scope: DirectoryScope): void => {
  const { connId, role, serverId } = event;
  openConnection(state, event, scope);
  if (state.isDraining) {
    scope.defer(() => scope.emit({ type: 'connection.refused', connId, close: SHUTTING_DOWN }));
    return;
  }
  const found = state.servers.get(serverId);
  if (role === 'binary') {
    const ref = isActive(found) ? found : openServer(state, serverId, scope);
    scope.defer(() => ref.send({ type: 'binary.claimed', connId }));
  } else if (isActive(found)) {
    scope.defer(() => found.send({ type: 'phone.registered', connId }));
  } else {
    scope.defer(() => scope.emit({ type: 'connection.refused', connId, close: NO_SERVER }));
  }
};

/** A chart that threw takes its own connections with it, and nothing else. */
const buryServer = (state: OpenDirectory, serverId: string, error: unknown, scope: DirectoryScope): void => {
  const orphans = [...state.connections.values()].filter(
    (ref) => ref.getSnapshot().context.serverId === serverId,
  );
  scope.defer(() => {
    scope.emit({ type: 'server.failed', serverId, error });
    for (const ref of orphans) ref.send({ type: 'close', ...SERVER_FAILED });
  });
};

const reportFailure = (
  state: OpenDirectory,
  actorId: string,
  error: unknown,
  scope: DirectoryScope,
): void => {
  if (actorId.startsWith(SERVER_PREFIX)) {
    buryServer(state, actorId.slice(SERVER_PREFIX.length), error, scope);
    return;
  }
  const connId = actorId.slice(CONNECTION_PREFIX.length);
  scope.defer(() => scope.emit({ type: 'connection.failed', connId, error }));
};

const removeChild = (state: OpenDirectory, actorId: string, scope: DirectoryScope): void => {
  if (actorId.startsWith(SERVER_PREFIX)) {
    const serverId = actorId.slice(SERVER_PREFIX.length);
    if (!isActive(state.servers.get(serverId))) state.servers.delete(serverId);
    return;
  }
  state.connections.delete(actorId.slice(CONNECTION_PREFIX.length));
  announceEmptied(state, scope);
};

const announceEmptied = (state: OpenDirectory, { defer, emit }: DirectoryScope): void => {
  if (state.isDraining && state.connections.size === 0) defer(() => emit({ type: 'directory.emptied' }));
};

export const directory = fromTransition<
  OpenDirectory,
  DirectoryEvent | SystemEvent,
  AnyActorRef['system'],
  DirectoryInput,
  DirectoryEmitted
>(
  (state, event, scope) => {
    switch (event.type) {
      case 'connection.dialled':
        admit(state, event, scope);
        return state;
      case 'drain': {
        const draining = { ...state, isDraining: true };
        scope.defer(() => {
          for (const ref of state.servers.values()) ref.send({ type: 'drain' });
        });
        announceEmptied(draining, scope);
        return draining;
      }
      case 'xstate.stop':
        for (const ref of state.servers.values()) scope.stopChild(ref);
        for (const ref of state.connections.values()) scope.stopChild(ref);
        state.servers.clear();
        state.connections.clear();
        return state;
      default: {
        if ('error' in event) reportFailure(state, event.actorId, event.error, scope);
        removeChild(state, event.actorId, scope);
        return state;
      }
    }
  },
  ({ input }) => ({ input, servers: new Map(), connections: new Map(), isDraining: false }),
);
