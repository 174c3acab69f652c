/**
 * What the live page shows. Inspection is attached when the first page opens and detached with the last: nobody pays for
 * it while nobody watches. What changed is gathered and sent ten times a second at most.
 */
import type { ServerResponse } from 'node:http';
import type { InspectionEvent } from 'xstate';
import type { DirectoryRef } from '../machines/relay-machine.ts';
import type { Observation } from '../transport/observation.ts';
import { MAX_WATCHERS, UPDATE_INTERVAL_MS } from './inspect-limits.ts';
import { describeRelay, type OverviewSources } from './overview.ts';
import { placeOf } from './parties.ts';
import { Roster } from './roster.ts';
import { describeServer } from './server-detail.ts';
import type { Timeline } from './timeline.ts';
import { TimelineFeed } from './timeline-feed.ts';
import { Traffic } from './traffic.ts';
import type { Hello, Row, Update } from './updates.ts';
import { Watcher } from './watcher.ts';

export interface InspectorSources extends OverviewSources {
  readonly directory: DirectoryRef;
  readonly hello: Hello;
}

export class Inspector {
  readonly traffic = new Traffic();
  readonly #sources: InspectorSources;
  readonly #roster = new Roster();
  readonly #watchers = new Set<Watcher>();
  readonly #feed = new TimelineFeed((serverId) => this.#timelinesOf(serverId));
  readonly #startedAtMs = performance.now();
  /** Server-ids of which something has happened since the last update. */
  readonly #touched = new Set<string>();
  #detach: (() => void) | undefined;
  #hasEnded = false;
  #lost = 0;

  constructor(sources: InspectorSources) {
    this.#sources = sources;
  }

  /** For the tests, and for whoever wonders: whether anyone pays for inspection now. */
  get isAttached(): boolean {
    return this.#detach !== undefined;
  }

  /** Inspection events that could not be understood and updates that could not be made. Always a bug. */
  get lost(): number {
    return this.#lost;
  }

  observe(observation: Observation): void {
    switch (observation.type) {
      case 'read.ended':
      case 'phone.refused':
      case 'binary.refused':
        this.traffic.countClose(observation.closeCode, performance.now());
        break;
      default: // A dismissal and a notice carry the code of a close that is counted as it happens.
    }
  }

  /** As many pages are open as may be. */
  get isFull(): boolean {
    return this.#watchers.size >= MAX_WATCHERS;
  }

  /** @param response a stream of server-sent events whose head has been written */
  watch(response: ServerResponse, serverId: string | null): void {
    if (this.#hasEnded) {
      response.end();
      return;
    }
    const watcher = new Watcher(response, serverId);
    this.#watchers.add(watcher);
    this.#attach();
    response.on('close', () => this.#forget(watcher));
    response.on('error', () => this.#forget(watcher));
    watcher.greet(this.#sources.hello);
  }

  /** Ends all streams: the relay is stopping. */
  end(): void {
    this.#hasEnded = true;
    for (const watcher of this.#watchers) watcher.end();
    this.#watchers.clear();
    this.#detach?.();
    this.#detach = undefined;
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
    const subscription = relay.system.inspect((inspected: InspectionEvent) => this.#inspectSafely(inspected));
    const timer = setInterval(() => this.#updateSafely(), UPDATE_INTERVAL_MS);
    this.#detach = () => {
      subscription.unsubscribe();
      clearInterval(timer);
    };
  }

  /** This runs in the middle of the relay's own transitions: whatever goes wrong here must not reach them. */
  #inspectSafely(inspected: InspectionEvent): void {
    try {
      this.#inspect(inspected);
    } catch {
      this.#lost++;
    }
  }

  #inspect(inspected: InspectionEvent): void {
    // An actor that is only being made has no snapshot yet.
    if (inspected.type === '@xstate.actor') return;
    const place = placeOf(inspected.actorRef);
    if (place === undefined) return;
    if (inspected.type === '@xstate.snapshot' && place.party.kind !== 'directory') {
      this.#touched.add(place.serverId);
      if (place.party.kind === 'server') this.#roster.touch(place.serverId);
    }
    this.#feed.observe(inspected, place);
  }

  *#timelinesOf(serverId: string): Generator<Timeline, void> {
    for (const watcher of this.#watchers) if (watcher.serverId === serverId) yield watcher.timeline;
  }

  /** A timer's exception would end the process, and with it the relay. Who missed an update is told everything anew. */
  #updateSafely(): void {
    try {
      this.#update();
    } catch {
      this.#lost++;
      for (const watcher of this.#watchers) watcher.isCurrent = false;
    }
  }

  #update(): void {
    const { servers, connections } = this.#sources.directory.getSnapshot().context;
    const { changed, gone } = this.#roster.takeChanges(servers);
    const overview = describeRelay(this.#sources, this.#roster.counts, this.traffic, this.#startedAtMs);
    for (const watcher of this.#watchers) {
      if (watcher.isSlow) {
        watcher.isCurrent = false;
        continue;
      }
      const { serverId, isCurrent } = watcher;
      watcher.isCurrent = true;
      const update: Update = {
        overview,
        ...(serverId === null && this.#rowsFor(isCurrent, changed, gone)),
        ...(serverId !== null && {
          ...((!isCurrent || this.#touched.has(serverId)) && {
            server: describeServer(serverId, servers.get(serverId), connections),
          }),
          events: watcher.timeline.take(),
        }),
      };
      watcher.send(update);
    }
    this.#touched.clear();
  }

  /** All rows for who has not seen them yet, otherwise those that changed, if any did. */
  #rowsFor(isCurrent: boolean, changed: readonly Row[], gone: readonly string[]): Pick<Update, 'rows'> {
    if (!isCurrent) return { rows: { isFull: true, changed: this.#roster.rows, gone: [] } };
    return changed.length + gone.length === 0 ? {} : { rows: { isFull: false, changed, gone } };
  }
}
