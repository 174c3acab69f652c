/**
 * What the live page shows. Inspection is attached when the first page opens and detached with the last: nobody pays for
 * it while nobody watches. What changed is gathered and sent ten times a second at most.
 */
import type { ServerResponse } from 'node:http';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { DirectoryRef } from '../machines/relay-machine.ts';
import type { Observation } from '../transport/observation.ts';
import { MAX_WATCHERS, UPDATE_INTERVAL_MS } from './inspect-limits.ts';
import { Roster } from './roster.ts';
import { describeServer } from './server-detail.ts';
import { Traffic } from './traffic.ts';
import type { Hello, Overview, TimelineEvent, Update } from './updates.ts';
import { Watcher } from './watcher.ts';

export interface InspectorSources {
  /** The root of the actor system. */
  readonly relay: AnyActorRef;
  readonly directory: DirectoryRef;
  readonly counts: { readonly binaries: number; readonly phones: number };
  readonly hello: Hello;
}

const SERVER_PREFIX = 'server/';
const CONNECTION_PREFIX = 'connection/';

export class Inspector {
  readonly traffic = new Traffic();
  readonly #sources: InspectorSources;
  readonly #roster = new Roster();
  readonly #watchers = new Set<Watcher>();
  readonly #startedAtMs = performance.now();
  #detach: (() => void) | undefined;

  constructor(sources: InspectorSources) {
    this.#sources = sources;
  }

  /** For the tests, and for whoever wonders: whether anyone pays for inspection now. */
  get isAttached(): boolean {
    return this.#detach !== undefined;
  }

  observe(observation: Observation): void {
    if ('closeCode' in observation && observation.type !== 'phone.dismissed') {
      this.traffic.countClose(observation.closeCode, performance.now());
    }
  }

  /** As many pages are open as may be. */
  get isFull(): boolean {
    return this.#watchers.size >= MAX_WATCHERS;
  }

  /** @param response a stream of server-sent events whose head has been written */
  watch(response: ServerResponse, serverId: string | null): void {
    const watcher = new Watcher(response, serverId);
    this.#watchers.add(watcher);
    this.#attach();
    response.on('close', () => this.#forget(watcher));
    watcher.greet(this.#sources.hello);
  }

  /** Ends all streams: the relay is stopping. */
  end(): void {
    for (const watcher of this.#watchers) watcher.end();
  }

  #forget(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    this.#detach?.();
    this.#detach = undefined;
  }

  #attach(): void {
    if (this.#detach !== undefined) return;
    const { relay, directory } = this.#sources;
    this.#roster.reset(directory.getSnapshot().context.servers);
    const subscription = relay.system.inspect((inspected: InspectionEvent) => this.#inspect(inspected));
    const timer = setInterval(() => this.#update(), UPDATE_INTERVAL_MS);
    this.#detach = () => {
      subscription.unsubscribe();
      clearInterval(timer);
    };
  }

  #inspect(inspected: InspectionEvent): void {
    const { id } = inspected.actorRef as { readonly id?: unknown }; // Every actor that is inspected has an id.
    if (typeof id !== 'string') return;
    if (id.startsWith(SERVER_PREFIX)) {
      const serverId = id.slice(SERVER_PREFIX.length);
      if (inspected.type === '@xstate.snapshot') this.#roster.touch(serverId);
      this.#note(inspected, 'server', serverId, '');
    } else if (id.startsWith(CONNECTION_PREFIX)) {
      const connId = id.slice(CONNECTION_PREFIX.length);
      const connection = this.#sources.directory.getSnapshot().context.connections.get(connId);
      const serverId = connection?.getSnapshot().context.serverId;
      if (serverId !== undefined) this.#note(inspected, 'connection', serverId, connId);
    }
  }

  #note(
    inspected: InspectionEvent,
    actor: 'server' | 'connection',
    serverId: string,
    ownConnId: string,
  ): void {
    for (const watcher of this.#watchers) {
      if (watcher.serverId !== serverId) continue;
      watcher.timeline.observe(inspected, actor, (connId) => this.#connection(ownConnId || connId));
    }
  }

  #connection(connId: string): { readonly connId: string; readonly role: TimelineEvent['role'] } {
    const connection = this.#sources.directory.getSnapshot().context.connections.get(connId);
    return { connId, role: connection?.getSnapshot().context.role ?? '' };
  }

  #overview(): Overview {
    const { relay, counts } = this.#sources;
    const { frames } = this.traffic;
    const state: unknown = Reflect.get(relay.getSnapshot(), 'value');
    return {
      relay: typeof state === 'string' ? state : 'unknown',
      uptimeMs: Math.round(performance.now() - this.#startedAtMs),
      servers: this.#roster.counts,
      binaries: counts.binaries,
      phones: counts.phones,
      framesUp: frames.phone_to_binary,
      framesDown: frames.binary_to_phone,
      closeCodes: this.traffic.closeCodes(performance.now()),
    };
  }

  #update(): void {
    const { servers, connections } = this.#sources.directory.getSnapshot().context;
    const { changed, gone } = this.#roster.takeChanges(servers);
    const overview = this.#overview();
    for (const watcher of this.#watchers) {
      if (watcher.isSlow) {
        watcher.isCurrent = false;
        continue;
      }
      const rows = watcher.isCurrent
        ? { isFull: false, changed, gone }
        : { isFull: true, changed: this.#roster.rows, gone: [] };
      watcher.isCurrent = true;
      const { serverId } = watcher;
      const update: Update = {
        overview,
        ...((rows.isFull || changed.length + gone.length > 0) && { rows }),
        ...(serverId !== null && {
          server: describeServer(serverId, servers.get(serverId), connections),
          events: watcher.timeline.take(),
        }),
      };
      watcher.send(update);
    }
  }
}
