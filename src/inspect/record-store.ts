/**
 * The records of all server-ids. Each is linked into two lists, oldest first: the list of its server-id and the list of all. Each
 * bound can thus drop its oldest record in O(1). (A ring buffer would cost every server-id a hundred slots.) Once a bound is
 * reached, a new record reuses the object of the dropped one, because objects that live for minutes are the most expensive for the
 * garbage collector.
 */
import type { ServerSnapshot } from '../machines/server-view.ts';
import {
  BEGINNING,
  type EventSlot,
  emptyState,
  eventOf,
  idsIn,
  putEvent,
  putState,
  type RecordedEvent,
  type RecordedState,
  type StateSlot,
  type Status,
  stateOf,
} from './recorded-state.ts';
import {
  RECORD_BYTES,
  RECORDER_BYTES,
  RECORDS_PER_SERVER_ID,
  SERVER_ID_BYTES,
  STATE_ID_BYTES,
} from './recorder-limits.ts';
import type { Recorded, Tape } from './tape.ts';
import { TapeCopy, type Tapes } from './tape-copy.ts';

interface Entry {
  track: Track;
  t: number;
  readonly event: EventSlot;
  after: StateSlot;
  /** Next newer record of the same server-id. */
  next: Entry | undefined;
  /** Neighbours in the list of all records. */
  older: Entry | undefined;
  newer: Entry | undefined;
}

/** What is kept of a server-id. */
export interface Track {
  readonly serverId: string;
  before: StateSlot;
  size: number;
  oldest: Entry | undefined;
  newest: Entry | undefined;
  /** Last recorded snapshot. Another one as `before` means a new actor or a gap. Undefined once the actor has ended. */
  snapshot: ServerSnapshot | undefined;
}

const stateBytes = (state: RecordedState): number => STATE_ID_BYTES * idsIn(state);

const emptyEntry = (track: Track): Entry => ({
  track,
  t: 0,
  event: eventOf({ type: BEGINNING }),
  after: emptyState(),
  next: undefined,
  older: undefined,
  newer: undefined,
});

const tapeOf = ({ serverId, before, oldest }: Track): Tape => {
  const records: Recorded[] = [];
  for (let entry = oldest; entry !== undefined; entry = entry.next) {
    const { t, event, after } = entry;
    records.push({ t, event: { ...event }, after: { ...after } });
  }
  return { serverId, before: { ...before }, records };
};

export class RecordStore {
  readonly #tracks = new Map<string, Track>();
  readonly #copies = new Set<TapeCopy<Track>>();
  #oldest: Entry | undefined;
  #newest: Entry | undefined;
  /** The last dropped record, to be reused. */
  #spare: Entry | undefined;
  #records = 0;
  #bytes = 0;

  get records(): number {
    return this.#records;
  }

  /** An estimate (`recorder-limits.ts`). */
  get bytes(): number {
    return this.#bytes;
  }

  tape(serverId: string): Tape | undefined {
    const track = this.#tracks.get(serverId);
    return track === undefined ? undefined : tapeOf(track);
  }

  /** Tapes of all server-ids as of now, in the order of their first record. The caller ends the copy. */
  copy(): Tapes {
    const copy = new TapeCopy<Track>(this.#tracks.values(), this.#records, tapeOf, (ended) =>
      this.#copies.delete(ended),
    );
    this.#copies.add(copy);
    return copy;
  }

  /** That of the snapshot's server-id. It begins with the snapshot if there is none. */
  trackOf(snapshot: ServerSnapshot): Track {
    return this.#tracks.get(snapshot.context.serverId) ?? this.#begin(snapshot);
  }

  append(track: Track, t: number, event: RecordedEvent, snapshot: ServerSnapshot, status: Status): void {
    this.#keepCopies(track);
    if (track.size >= RECORDS_PER_SERVER_ID && track.oldest !== undefined) this.#drop(track.oldest);
    const entry = this.#spare ?? emptyEntry(track);
    this.#spare = undefined;
    entry.track = track;
    entry.t = t;
    putEvent(entry.event, event);
    putState(entry.after, snapshot, status);

    if (track.newest === undefined) track.oldest = entry;
    else track.newest.next = entry;
    track.newest = entry;
    track.size++;
    entry.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
    this.#records++;
    this.#bytes += RECORD_BYTES + stateBytes(entry.after);
  }

  /** Drops the oldest records of all while there are too many bytes. */
  trim(): void {
    while (this.#bytes > RECORDER_BYTES && this.#oldest !== undefined) this.#drop(this.#oldest);
  }

  #begin(snapshot: ServerSnapshot): Track {
    const { serverId } = snapshot.context;
    const before = stateOf(snapshot);
    const track = { serverId, before, size: 0, oldest: undefined, newest: undefined, snapshot };
    this.#tracks.set(serverId, track);
    this.#bytes += SERVER_ID_BYTES + stateBytes(before);
    return track;
  }

  #keepCopies(track: Track): void {
    if (this.#copies.size > 0) for (const copy of this.#copies) copy.keep(track);
  }

  /** `entry` must be the oldest of its server-id. The oldest of all always is. */
  #drop(entry: Entry): void {
    const { track, next, older, newer } = entry;
    this.#keepCopies(track);
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    this.#records--;
    this.#bytes -= RECORD_BYTES + stateBytes(track.before);
    // The dropped record's state becomes the state before the next one. The spare reuses the old `before` object.
    const freed = track.before;
    track.before = entry.after;
    entry.after = freed;
    entry.next = undefined;
    entry.older = undefined;
    entry.newer = undefined;
    this.#spare = entry;
    track.oldest = next;
    track.size--;
    if (next !== undefined) return;
    this.#tracks.delete(track.serverId);
    this.#bytes -= SERVER_ID_BYTES + stateBytes(track.before);
  }
}
