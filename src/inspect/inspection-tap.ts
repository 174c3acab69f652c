/**
 * XState's inspection, attached while a page shows one server-id: tells the timelines of these pages what happens, and notes which
 * server-ids it happens to.
 */
import type { AnyActorRef, InspectionEvent } from 'xstate';
import { type Place, placeOf, serverIdOfWake } from './parties.ts';
import type { Timeline } from './timeline.ts';
import { TimelineFeed } from './timeline-feed.ts';
import type { Watcher } from './watcher.ts';

export class InspectionTap {
  /** Server-ids with events since the last update. The inspector clears it. */
  readonly touched = new Set<string>();
  readonly #relay: AnyActorRef;
  readonly #watchers: ReadonlySet<Watcher>;
  readonly #feed = new TimelineFeed((serverId) => this.#timelinesOf(serverId));
  #end: (() => void) | undefined;
  #lost = 0;

  /** @param watchers all pages that are open; call `adjust` when one comes or goes */
  constructor(relay: AnyActorRef, watchers: ReadonlySet<Watcher>) {
    this.#relay = relay;
    this.#watchers = watchers;
  }

  /** Whether it is attached now. */
  get isOn(): boolean {
    return this.#end !== undefined;
  }

  /** Events that could not be processed. */
  get lost(): number {
    return this.#lost;
  }

  /** XState reports every event of every actor, so it is asked to only while a page shows one of them. */
  adjust(): void {
    const isNeeded = [...this.#watchers].some(({ serverId }) => serverId !== null);
    if (isNeeded === this.isOn) return;
    this.#end?.();
    this.#end = undefined;
    if (!isNeeded) return;
    const subscription = this.#relay.system.inspect((inspected: InspectionEvent) =>
      this.#inspectSafely(inspected),
    );
    this.#end = () => subscription.unsubscribe();
  }

  /** Runs inside the relay's own transitions, so it must never throw. */
  #inspectSafely(inspected: InspectionEvent): void {
    try {
      this.#inspect(inspected);
    } catch {
      this.#lost++;
    }
  }

  #inspect(inspected: InspectionEvent): void {
    // An actor that is being created has no snapshot yet.
    if (inspected.type === '@xstate.actor') return;
    const wakes = serverIdOfWake(inspected.actorRef);
    if (wakes !== undefined) this.touched.add(wakes);
    const place = placeOf(inspected.actorRef);
    if (place === undefined) return;
    if (inspected.type === '@xstate.snapshot' && place.party.kind !== 'directory') {
      this.touched.add(place.serverId);
      if (place.party.kind === 'connection') this.#noteConnection(place);
    }
    this.#feed.observe(inspected, place);
  }

  #noteConnection({ party, serverId }: Place): void {
    for (const watcher of this.#watchers)
      if (watcher.serverId === serverId) watcher.connIds.add(party.connId);
  }

  *#timelinesOf(serverId: string): Generator<Timeline, void> {
    for (const watcher of this.#watchers) if (watcher.serverId === serverId) yield watcher.timeline;
  }
}
