/**
 * Flight recorder: keeps the last lifecycle events of every server actor. The directory runs `logic` instead of the
 * server chart: the same chart, but each transition is recorded. A record holds a few references and is linked into two
 * lists, oldest first: the list of its server-id and the list of all. Each bound can thus drop its oldest record in
 * O(1). (A ring buffer would cost every server-id a hundred slots.) Once a bound is reached, a new record reuses the
 * object of the dropped one, because objects that live for minutes are the most expensive for the garbage collector.
 */
import { serverMachine } from '../machines/server-machine.ts';
import type { ServerSnapshot } from '../machines/server-view.ts';
import {
  BEGINNING,
  type EventSlot,
  emptyState,
  idsIn,
  putState,
  type RecordedEvent,
  type RecordedState,
  type StateSlot,
  type Status,
  stateOf,
} from './recorded-state.ts';
import {
  MAX_STATE_IDS,
  RECORD_BYTES,
  RECORDER_BYTES,
  RECORDS_PER_SERVER_ID,
  SERVER_ID_BYTES,
  STATE_ID_BYTES,
} from './recorder-limits.ts';
import type { Recorded, Tape } from './tape.ts';
import { TapeCopy, type Tapes } from './tape-copy.ts';

/** Input of each server actor, recorded because a replay needs it. */
export interface RecordedConfig {
  readonly maxPhones: number;
  readonly graceMs: number;
  readonly probeTimeoutMs: number;
}

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

interface Track {
  readonly serverId: string;
  before: StateSlot;
  size: number;
  oldest: Entry | undefined;
  newest: Entry | undefined;
  /** Last recorded snapshot. Another one as `before` means a new actor or a gap. Undefined once the actor has ended. */
  snapshot: ServerSnapshot | undefined;
}

const stateBytes = (state: RecordedState): number => STATE_ID_BYTES * idsIn(state);

const eventOf = ({ type, connId, binaryId, closeCode, isTooLong }: RecordedEvent): EventSlot => ({
  type,
  connId,
  binaryId,
  closeCode,
  isTooLong,
});

const putEvent = (slot: EventSlot, event: RecordedEvent): void => {
  slot.type = event.type;
  slot.connId = event.connId;
  slot.binaryId = event.binaryId;
  slot.closeCode = event.closeCode;
  slot.isTooLong = event.isTooLong;
};

const BEGUN: RecordedEvent = eventOf({ type: BEGINNING });

/**
 * A phone found no binary, and its server actor refused it and ended. Not recorded: phones that retry while their binary is
 * away would push out the records of its last hours.
 */
const endsUnclaimed = (before: ServerSnapshot, after: ServerSnapshot): boolean =>
  before.value === 'unclaimed' && after.status === 'done';

const emptyEntry = (track: Track): Entry => ({
  track,
  t: 0,
  event: eventOf(BEGUN),
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

export class FlightRecorder {
  /** Created once: a machine per actor would cost more than the rest of the relay. */
  readonly logic: typeof serverMachine;
  readonly config: RecordedConfig;
  /** Called with the server-id of each transition, recorded or not. It must not throw. */
  changed: ((serverId: string) => void) | undefined;
  readonly #now: () => number;
  readonly #tracks = new Map<string, Track>();
  readonly #copies = new Set<TapeCopy<Track>>();
  #oldest: Entry | undefined;
  #newest: Entry | undefined;
  /** The last dropped record, to be reused. */
  #spare: Entry | undefined;
  #records = 0;
  #bytes = 0;
  #lost = 0;

  constructor({ maxPhones, graceMs, probeTimeoutMs }: RecordedConfig, now: () => number = Date.now) {
    this.config = { maxPhones, graceMs, probeTimeoutMs };
    this.#now = now;
    const transition: typeof serverMachine.transition = (before, event, scope) => {
      let after: ServerSnapshot;
      this.changed?.(before.context.serverId);
      try {
        after = serverMachine.transition(before, event, scope);
      } catch (error) {
        // The event on which the chart threw is the most important one to record.
        this.#keep(before, event, before, 'error');
        throw error;
      }
      if (!endsUnclaimed(before, after)) this.#keep(before, event, after, after.status);
      return after;
    };
    // The server machine with `transition` overridden by a function of the same type.
    this.logic = Object.create(serverMachine, { transition: { value: transition } }) as typeof serverMachine;
  }

  /** Records kept, their estimated bytes (`recorder-limits.ts`), and events that could not be recorded. */
  get extent(): { readonly records: number; readonly bytes: number; readonly lost: number } {
    return { records: this.#records, bytes: this.#bytes, lost: this.#lost };
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

  /** Never throws: the recorder must not break an actor. */
  #keep(before: ServerSnapshot, event: RecordedEvent, after: ServerSnapshot, status: Status): void {
    try {
      if (idsIn(before.context) > MAX_STATE_IDS || idsIn(after.context) > MAX_STATE_IDS) {
        this.#lost++;
        return;
      }
      // Read the event first: if it is malformed, this throws before any state changes.
      const kept = eventOf(event);
      const t = this.#now();
      const track = this.#tracks.get(before.context.serverId) ?? this.#begin(before);
      if (track.snapshot !== before) this.#append(track, t, BEGUN, before, before.status);
      this.#append(track, t, kept, after, status);
      track.snapshot = status === 'active' ? after : undefined;
      while (this.#bytes > RECORDER_BYTES && this.#oldest !== undefined) this.#drop(this.#oldest);
    } catch {
      this.#lost++;
    }
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

  #append(track: Track, t: number, event: RecordedEvent, snapshot: ServerSnapshot, status: Status): void {
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
