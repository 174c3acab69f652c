/**
 * The whole actor system without a socket: relay, directory, servers and connections. A listener gets what the actors
 * emit. It plays transport: it reports to a connection's chart what its socket would have done.
 */
import { type Actor, type AnyActorRef, createActor, SimulatedClock } from 'xstate';
import type { ConnectionEmitted, ConnectionTiming, SocketEvent } from '../machines/connection-messages.ts';
import type { ConnectionRef, Dial, DirectoryEmitted } from '../machines/directory-messages.ts';
import { DIRECTORY, type DirectoryRef, relayMachine } from '../machines/relay-machine.ts';
import type { ServerEmitted, ServerTiming } from '../machines/server-messages.ts';
import type { ServerRef } from '../machines/server-view.ts';

export type RelayLogic = typeof relayMachine;

/** The root actor's id. */
export const RELAY = 'relay';

const DRAIN_DEADLINE_MS = 60_000;
export const SERVER_TIMING: ServerTiming = { graceMs: 30_000, probeTimeoutMs: 10_000 };
/** All different, so that a test shows if one timer is used in place of another. */
export const CONNECTION_TIMING: ConnectionTiming = {
  heartbeatIntervalMs: 29_000,
  heartbeatTimeoutMs: 28_000,
  flushTimeoutMs: 50_000,
  closeWriteTimeoutMs: 5_000,
  closeAnswerTimeoutMs: 6_000,
};

export type Said =
  | { readonly by: 'connection'; readonly connId: string; readonly said: ConnectionEmitted }
  | { readonly by: 'server'; readonly serverId: string; readonly said: ServerEmitted }
  | { readonly by: 'directory'; readonly said: DirectoryEmitted };

export interface ActorSystemOptions {
  /** 0 or less means no cap. */
  readonly maxPhones: number;
  /** The relay chart, or one from a build with a planted fault. Its children are built with it. */
  readonly relay?: RelayLogic;
  /** Called before anything starts, so that the scheduler can be replaced. */
  readonly prepare?: (system: AnyActorRef['system']) => void;
}

export class ActorSystem {
  readonly clock = new SimulatedClock();
  readonly #root: Actor<RelayLogic>;
  readonly #directory: DirectoryRef;

  constructor({ maxPhones, relay = relayMachine, prepare }: ActorSystemOptions, hear: (said: Said) => void) {
    this.#root = createActor(relay, {
      id: RELAY,
      clock: this.clock,
      input: {
        drain: { delayMs: 0, spreadMs: 0, deadlineMs: DRAIN_DEADLINE_MS },
        directory: {
          maxPhones,
          serverTiming: SERVER_TIMING,
          connectionTiming: CONNECTION_TIMING,
          spread: () => 0,
        },
      },
    });
    prepare?.(this.#root.system);
    this.#root.start();
    // The relay chart invokes the directory under this name while it runs.
    this.#directory = this.#root.system.get(DIRECTORY) as DirectoryRef;
    this.#directory.on('*', (said) => {
      hear({ by: 'directory', said });
      if (said.type === 'connection.created') {
        const { connId, ref } = said;
        ref.on('*', (emitted) => hear({ by: 'connection', connId, said: emitted }));
      } else if (said.type === 'server.created') {
        const { serverId, ref } = said;
        ref.on('*', (emitted) => hear({ by: 'server', serverId, said: emitted }));
      }
    });
  }

  dial(dial: Dial): void {
    this.#directory.send({ type: 'connection.dialled', ...dial });
  }

  /** Reports an event of its socket to a connection's chart. A connection that has ended ignores it. */
  report(connId: string, event: SocketEvent): void {
    this.connections.get(connId)?.send(event);
  }

  drain(): void {
    this.#root.send({ type: 'drain' });
  }

  stop(): void {
    this.#root.stop();
  }

  /** Whether the relay chart has reached its final state. */
  get hasStopped(): boolean {
    return this.#root.getSnapshot().status === 'done';
  }

  /** "serving", "draining" or "stopped" */
  get phase(): string {
    const { value } = this.#root.getSnapshot();
    return typeof value === 'string' ? value : 'draining';
  }

  get connections(): ReadonlyMap<string, ConnectionRef> {
    return this.#directory.getSnapshot().context.connections;
  }

  get servers(): ReadonlyMap<string, ServerRef> {
    return this.#directory.getSnapshot().context.servers;
  }
}
