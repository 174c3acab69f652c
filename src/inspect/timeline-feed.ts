/**
 * Feeds XState inspection to the timelines of watched server-ids. An event between actors passes through the directory, so
 * it is inspected twice: on its way to the directory, which shows the sender, and on its way to the recipient. It is the
 * same object both times, which identifies the sender.
 */
import type { InspectedEventEvent, InspectionEvent } from 'xstate';
import type { DirectoryEvent } from '../machines/directory-messages.ts';
import { DIRECTORY_PARTY, type Place, placeOf } from './parties.ts';
import type { Timeline } from './timeline.ts';
import type { Party } from './updates.ts';

export class TimelineFeed {
  readonly #timelinesOf: (serverId: string) => Iterable<Timeline>;
  /** The senders, by the event that they sent. */
  readonly #senders = new WeakMap<object, Party>();

  constructor(timelinesOf: (serverId: string) => Iterable<Timeline>) {
    this.#timelinesOf = timelinesOf;
  }

  /** @param place the party and server-id of the inspected actor */
  observe(inspected: InspectionEvent, { party, serverId }: Place): void {
    if (party.kind === 'directory') {
      if (inspected.type === '@xstate.event') this.#observeDirectory(inspected);
      return;
    }
    for (const timeline of this.#timelinesOf(serverId)) {
      if (inspected.type === '@xstate.event') {
        timeline.begin(inspected.actorRef, inspected.event, this.#senderOf(inspected, party), party);
      } else timeline.observe(inspected);
    }
  }

  #observeDirectory({ event: told, sourceRef, actorRef }: InspectedEventEvent): void {
    const sender = sourceRef && placeOf(sourceRef);
    if (sourceRef && sender && told.type.startsWith('xstate.error.actor.')) {
      for (const timeline of this.#timelinesOf(sender.serverId)) timeline.fail(sourceRef);
      return;
    }
    const event = told as DirectoryEvent; // Or one of XState's own events, whose types differ from all below.
    if (event.type === 'connection.dialled') {
      const { connId, role, serverId } = event;
      for (const timeline of this.#timelinesOf(serverId)) {
        timeline.begin(actorRef, event, { kind: 'socket', connId, role }, DIRECTORY_PARTY);
      }
    } else if (sender && (event.type === 'tell.server' || event.type === 'tell.connections')) {
      this.#senders.set(event.event, sender.party);
    }
  }

  #senderOf({ event, sourceRef, actorRef }: InspectedEventEvent, to: Party): Party {
    // One of its own timers.
    if (sourceRef === actorRef) return to;
    // Only transport sends without a source, and only to a connection, about its socket.
    if (sourceRef === undefined) return { ...to, kind: 'socket' };
    return this.#senders.get(event) ?? DIRECTORY_PARTY;
  }
}
