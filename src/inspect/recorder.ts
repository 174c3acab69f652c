/**
 * Flight recorder: keeps the last lifecycle events of every server actor. The directory runs `logic` instead of the
 * server chart: the same chart, but each transition is recorded. `record-store.ts` keeps the records.
 */
import { serverMachine } from '../machines/server-machine.ts';
import type { ServerSnapshot } from '../machines/server-view.ts';
import { RecordStore } from './record-store.ts';
import { BEGINNING, eventOf, idsIn, type RecordedEvent, type Status } from './recorded-state.ts';
import { MAX_STATE_IDS } from './recorder-limits.ts';
import type { Tape } from './tape.ts';
import type { Tapes } from './tape-copy.ts';

/** Input of each server actor, recorded because a replay needs it. */
export interface RecordedConfig {
  readonly maxPhones: number;
  readonly graceMs: number;
  readonly probeTimeoutMs: number;
}

const BEGUN: RecordedEvent = eventOf({ type: BEGINNING });

/**
 * A phone found no binary, and its server actor refused it and ended. Not recorded: phones that retry while their binary is
 * away would push out the records of its last hours.
 */
const endsUnclaimed = (before: ServerSnapshot, after: ServerSnapshot): boolean =>
  before.value === 'unclaimed' && after.status === 'done';

export class FlightRecorder {
  /** Created once: a machine per actor would cost more than the rest of the relay. */
  readonly logic: typeof serverMachine;
  readonly config: RecordedConfig;
  /** Called with the server-id of each transition, recorded or not. It must not throw. */
  changed: ((serverId: string) => void) | undefined;
  readonly #now: () => number;
  readonly #store = new RecordStore();
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
    return { records: this.#store.records, bytes: this.#store.bytes, lost: this.#lost };
  }

  tape(serverId: string): Tape | undefined {
    return this.#store.tape(serverId);
  }

  /** Tapes of all server-ids as of now, in the order of their first record. The caller ends the copy. */
  copy(): Tapes {
    return this.#store.copy();
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
      const track = this.#store.trackOf(before);
      if (track.snapshot !== before) this.#store.append(track, t, BEGUN, before, before.status);
      this.#store.append(track, t, kept, after, status);
      track.snapshot = status === 'active' ? after : undefined;
      this.#store.trim();
    } catch {
      this.#lost++;
    }
  }
}
