/**
 * The whole actor system without a socket: relay, directory, servers and connections, on a clock that only
 * the test moves. What each actor emits is written down under its name; nothing carries it out, so the test
 * plays the relay.
 */
import { type Actor, createActor, SimulatedClock } from 'xstate';
import type { ConnectionEmitted } from '../../src/machines/connection-messages.ts';
import type { ConnectionRef, DirectoryEmitted } from '../../src/machines/directory.ts';
import { DIRECTORY, type DirectoryRef, relayMachine } from '../../src/machines/relay-machine.ts';
import type { ServerEmitted } from '../../src/machines/server-messages.ts';
import type { ServerRef } from '../../src/machines/server-view.ts';
import { keepTimers, type TimerTable } from '../../src/machines/timer-table.ts';
import type { Role } from '../../src/protocol/routing-headers.ts';

export const DRAIN_DEADLINE_MS = 10_000;

export const RELAY_INPUT = {
  drainDeadlineMs: DRAIN_DEADLINE_MS,
  directory: {
    maxPhones: 2,
    serverTiming: { graceMs: 30_000, probeTimeoutMs: 10_000 },
    connectionTiming: {
      heartbeatIntervalMs: 30_000,
      heartbeatTimeoutMs: 30_000,
      flushTimeoutMs: 60_000,
      closeWriteTimeoutMs: 50_000,
      closeAnswerTimeoutMs: 50_000,
    },
  },
} as const;

type Said = DirectoryEmitted | ServerEmitted | ConnectionEmitted;

export class RelayRun {
  readonly clock = new SimulatedClock();
  readonly root: Actor<typeof relayMachine>;
  readonly timers: TimerTable;
  readonly directory: DirectoryRef;
  #said: [string, Said][] = [];

  constructor(prepare: (root: Actor<typeof relayMachine>) => void = () => {}) {
    this.root = createActor(relayMachine, { clock: this.clock, input: RELAY_INPUT });
    this.timers = keepTimers(this.root.system);
    prepare(this.root);
    this.root.start();
    // The relay chart invokes it under this name for as long as it runs.
    this.directory = this.root.system.get(DIRECTORY) as DirectoryRef;
    this.directory.on('*', (emitted) => this.#hear(emitted));
    this.directory.on('directory.emptied', () => this.root.send({ type: 'directory.emptied' }));
  }

  /** Dials, and answers with what everyone said to that. */
  dial(role: Role, serverId: string, connId: string): [string, Said][] {
    this.directory.send({ type: 'connection.dialled', connId, role, serverId });
    return this.said();
  }

  /** What was emitted since the last call, with the name of the actor; births go without their ref. */
  said(): [string, Said][] {
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

const present = <T>(found: T | undefined, name: string): T => {
  if (found === undefined) throw new Error(`no actor for ${name}`);
  return found;
};
