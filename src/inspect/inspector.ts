/**
 * What the live page shows. It costs nothing while nobody watches. Pages that show all server-ids need only know which of
 * them have changed, which the flight recorder sees anyway; XState's inspection (`inspection-tap.ts`) is attached while a
 * page shows one server-id. Changes are collected and sent at most ten times per second.
 */
import type { ServerResponse } from 'node:http';
import type { WakeRef } from '../machines/push-messages.ts';
import type { DirectoryRef } from '../machines/relay-machine.ts';
import type { Observation } from '../transport/observation.ts';
import { MAX_WATCHERS, ROWS_PER_UPDATE, UPDATE_INTERVAL_MS } from './inspect-limits.ts';
import { InspectionTap } from './inspection-tap.ts';
import { describeRelay, type OverviewSources, pushOf } from './overview.ts';
import type { ReplayPageServer } from './replay-page-data.ts';
import { Roster } from './roster.ts';
import { describeServer } from './server-detail.ts';
import { Traffic } from './traffic.ts';
import type { Hello, Row, Update } from './updates.ts';
import { Watcher } from './watcher.ts';

export interface InspectorSources extends OverviewSources {
  readonly directory: DirectoryRef;
  /** From now on, calls `changed` with the server-id of each transition of a server actor. */
  readonly onChanges: (changed: ((serverId: string) => void) | undefined) => void;
  /** What is recorded of a server-id; null if nothing is. */
  readonly past: (serverId: string) => ReplayPageServer | null;
  readonly hello: Hello;
}

export class Inspector {
  readonly traffic = new Traffic();
  readonly #sources: InspectorSources;
  readonly #roster = new Roster();
  readonly #watchers = new Set<Watcher>();
  readonly #tap: InspectionTap;
  readonly #startedAtMs = performance.now();
  #detach: (() => void) | undefined;
  #hasEnded = false;
  #lost = 0;

  constructor(sources: InspectorSources) {
    this.#sources = sources;
    this.#tap = new InspectionTap(sources.relay, this.#watchers);
  }

  /** Whether it costs anything now. */
  get isAttached(): boolean {
    return this.#detach !== undefined;
  }

  /** Whether XState's inspection is attached now. */
  get isInspecting(): boolean {
    return this.#tap.isOn;
  }

  /** Inspection events that could not be processed and updates that failed. Always a bug. */
  get lost(): number {
    return this.#lost + this.#tap.lost;
  }

  observe(observation: Observation): void {
    switch (observation.type) {
      case 'read.ended':
      case 'phone.refused':
      case 'binary.refused':
        this.traffic.countClose(observation.closeCode, performance.now());
        break;
      default: // A dismissal or a notice has the code of a close that is counted when it happens.
    }
  }

  /** Whether the maximum number of pages is open. */
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
    if (serverId === null) return;
    this.#tap.adjust();
    // In the same turn as the attaching above: no event is missing, and none comes twice.
    watcher.tellPast(this.#sources.past(serverId));
    for (const [connId, ref] of this.#sources.directory.getSnapshot().context.connections) {
      if (ref.getSnapshot().context.serverId === serverId) watcher.connIds.add(connId);
    }
  }

  /** What is recorded of a server-id; null if nothing is. */
  past(serverId: string): ReplayPageServer | null {
    return this.#sources.past(serverId);
  }

  /** Ends all streams, because the relay stops. */
  end(): void {
    this.#hasEnded = true;
    for (const watcher of this.#watchers) watcher.end();
    this.#watchers.clear();
    this.#tap.adjust();
    this.#detach?.();
    this.#detach = undefined;
  }

  #forget(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    this.#tap.adjust();
    if (this.#watchers.size > 0) return;
    this.#detach?.();
    this.#detach = undefined;
  }

  #attach(): void {
    if (this.#detach !== undefined) return;
    const { directory, onChanges } = this.#sources;
    this.#roster.reset(directory.getSnapshot().context.servers.keys());
    onChanges((serverId) => this.#roster.touch(serverId));
    const timer = setInterval(() => this.#updateSafely(), UPDATE_INTERVAL_MS);
    this.#detach = () => {
      onChanges(undefined);
      clearInterval(timer);
    };
  }

  /** Run by a timer, whose exception would end the process. A page that missed an update gets the full state. */
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
    const wakes = pushOf(this.#sources.relay)?.getSnapshot().context.wakes ?? new Map<number, WakeRef>();
    for (const watcher of this.#watchers) {
      if (watcher.isSlow) {
        watcher.isCurrent = false;
        continue;
      }
      const { serverId, isCurrent } = watcher;
      watcher.isCurrent = true;
      const update: Update = {
        overview,
        ...(serverId === null && this.#rowsFor(watcher, isCurrent, changed, gone)),
        ...(serverId !== null && {
          ...((!isCurrent || this.#tap.touched.has(serverId)) && {
            server: describeServer(serverId, watcher.connIds, servers.get(serverId), {
              connections,
              wakes,
              timers: this.#sources.timers,
            }),
          }),
          events: watcher.timeline.take(),
        }),
      };
      watcher.send(update);
    }
    this.#tap.touched.clear();
  }

  /** All rows for a page that has not received them yet, some at a time, and the changed ones. */
  #rowsFor(
    watcher: Watcher,
    isCurrent: boolean,
    changed: readonly Row[],
    gone: readonly string[],
  ): Pick<Update, 'rows'> {
    if (!isCurrent) watcher.missing = this.#roster.serverIds;
    const due = watcher.hasRoom ? watcher.missing.splice(-ROWS_PER_UPDATE) : [];
    const rows = due.flatMap((serverId) => {
      const row = this.#roster.row(serverId);
      return row === undefined ? [] : [row];
    });
    if (!isCurrent) return { rows: { isFull: true, changed: rows, gone: [] } };
    if (rows.length + changed.length + gone.length === 0) return {};
    return { rows: { isFull: false, changed: [...rows, ...changed], gone } };
  }
}
