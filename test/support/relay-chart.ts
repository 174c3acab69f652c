/**
 * The whole actor system without a socket: relay, directory, servers and connections, on a clock that only the test
 * moves. The test reports what happens on sockets, and reads what each actor emits under its name.
 */
import { type Actor, type ActorRefFrom, createActor, SimulatedClock } from 'xstate';
import type {
  Admission,
  CloseCause,
  ConnectionEmitted,
  SocketEvent,
} from '../../src/machines/connection-messages.ts';
import type {
  ConnectionRef,
  DirectoryEmitted,
  DirectorySettings,
} from '../../src/machines/directory-messages.ts';
import type { pushMachine } from '../../src/machines/push-machine.ts';
import {
  DIRECTORY,
  type DirectoryRef,
  type DrainTiming,
  PUSH,
  relayMachine,
} from '../../src/machines/relay-machine.ts';
import type { ServerEmitted } from '../../src/machines/server-messages.ts';
import type { ServerRef } from '../../src/machines/server-view.ts';
import type { Close } from '../../src/protocol/close-codes.ts';
import type { Role } from '../../src/protocol/routing-headers.ts';

export const DRAIN_DEADLINE_MS = 10_000;

export const RELAY_INPUT = {
  drain: { delayMs: 0, spreadMs: 0, deadlineMs: DRAIN_DEADLINE_MS },
  directory: {
    maxPhones: 2,
    serverTiming: { graceMs: 30_000, probeTimeoutMs: 10_000 },
    connectionTiming: {
      heartbeatIntervalMs: 40_000,
      heartbeatTimeoutMs: 35_000,
      flushTimeoutMs: 60_000,
      closeWriteTimeoutMs: 50_000,
      closeAnswerTimeoutMs: 55_000,
    },
    spread: () => 0,
  },
} as const;

/** The actor, such as `connection b1`, and what it emitted. */
type Line = readonly [speaker: string, emitted: DirectoryEmitted | ServerEmitted | ConnectionEmitted];

export interface RelayRunOptions {
  /** Called before the root actor starts. */
  readonly prepare?: (root: Actor<typeof relayMachine>) => void;
  readonly settings?: Partial<DirectorySettings>;
  readonly drain?: Partial<DrainTiming>;
  readonly isPushOn?: boolean;
}

const present = <T>(found: T | undefined, name: string): T => {
  if (found === undefined) throw new Error(`no actor for ${name}`);
  return found;
};

export class RelayRun {
  readonly clock = new SimulatedClock();
  readonly root: Actor<typeof relayMachine>;
  readonly directory: DirectoryRef;
  readonly push: ActorRefFrom<typeof pushMachine>;
  #said: Line[] = [];

  constructor({ prepare = () => {}, settings = {}, drain = {}, isPushOn = false }: RelayRunOptions = {}) {
    this.root = createActor(relayMachine, {
      clock: this.clock,
      input: {
        isPushOn,
        drain: { ...RELAY_INPUT.drain, ...drain },
        directory: { ...RELAY_INPUT.directory, ...settings },
      },
    });
    prepare(this.root);
    this.root.start();
    // The relay chart invokes the directory under this name while it runs.
    this.directory = this.root.system.get(DIRECTORY) as DirectoryRef;
    this.push = this.root.system.get(PUSH) as ActorRefFrom<typeof pushMachine>;
    this.directory.on('*', (emitted) => this.#hear(emitted));
  }

  /** Reports an upgraded socket. Returns what all actors emitted. */
  dial(role: Role, serverId: string, connId: string): Line[] {
    this.directory.send({ type: 'connection.dialled', connId, role, serverId });
    return this.said();
  }

  /** Reports these on the connection's socket, in order. Returns what all actors emitted. */
  happen(connId: string, ...events: readonly SocketEvent[]): Line[] {
    const connection = this.connection(connId);
    for (const event of events) connection.send(event);
    return this.said();
  }

  advance(ms: number): Line[] {
    this.clock.increment(ms);
    return this.said();
  }

  drain(): Line[] {
    this.root.send({ type: 'drain' });
    return this.said();
  }

  /** What was emitted since the last call, without the `created` events. */
  said(): Line[] {
    const said = this.#said;
    this.#said = [];
    return said;
  }

  server(serverId: string): ServerRef {
    return present(this.directory.getSnapshot().context.servers.get(serverId), serverId);
  }

  connection(connId: string): ConnectionRef {
    return present(this.directory.getSnapshot().context.connections.get(connId), connId);
  }

  get serverIds(): string[] {
    return [...this.directory.getSnapshot().context.servers.keys()];
  }

  get connIds(): string[] {
    return [...this.directory.getSnapshot().context.connections.keys()];
  }

  /** Delayed events that are neither delivered nor cancelled. */
  get armed(): number {
    return Object.keys(this.root.system.getSnapshot()._scheduledEvents).length;
  }

  #hear(emitted: DirectoryEmitted): void {
    if (emitted.type === 'server.created') {
      emitted.ref.on('*', (said) => this.#said.push([`server ${emitted.serverId}`, said]));
    } else if (emitted.type === 'connection.created') {
      emitted.ref.on('*', (said) => this.#said.push([`connection ${emitted.connId}`, said]));
    } else {
      this.#said.push(['directory', emitted]);
    }
  }
}

// What connections are expected to emit, each line with the name of its actor.
const lines = (connId: string, ...said: readonly ConnectionEmitted[]): Line[] =>
  said.map((emitted) => [`connection ${connId}`, emitted]);

export const admitted = (connId: string, admission: Admission, binaryId = connId): Line[] =>
  lines(connId, { type: 'connection.admitted', binaryId, admission });
export const refused = (connId: string, close: Close): Line[] =>
  lines(connId, { type: 'connection.refused', close }, { type: 'discard.due' }, { type: 'close.due', close });
/** Drops the backlog and closes. A cause of null: it was never admitted. */
export const closes = (connId: string, cause: CloseCause | null, close: Close): Line[] => [
  ...(cause === null ? [] : lines(connId, { type: 'connection.left', cause })),
  ...lines(connId, { type: 'discard.due' }, { type: 'close.due', close }),
];
/** Closes after the backlog. */
export const flushes = (connId: string, cause: CloseCause): Line[] =>
  lines(connId, { type: 'connection.left', cause }, { type: 'discard.due' }, { type: 'flush.due' });
export const ended = (connId: string, closeCode: number, wasAdmitted = true): Line[] =>
  lines(connId, { type: 'connection.ended', closeCode, wasAdmitted });
/** Binary `binaryId` is sent the notice of phone `connId`. */
export const noticeDue = (binaryId: string, connId: string, closeCode: number): Line[] =>
  lines(binaryId, { type: 'notice.due', connId, closeCode });
