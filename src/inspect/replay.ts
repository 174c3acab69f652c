/** Replays a recording through the server chart, and compares each state with the recorded one. */
import type { ServerEvent, ServerInput } from '../machines/server-messages.ts';
import type { ServerSnapshot } from '../machines/server-view.ts';
import type { RecordedServer, RecordingRecord } from './read-recording.ts';
import { BEGINNING, isSameState, type RecordedState, snapshotOf, stateOf } from './recorded-state.ts';
import type { RecordedConfig } from './recorder.ts';
import type { ReplayEvent } from './recording-format.ts';
import { stepServer, type Told } from './server-step.ts';
import type { TakenTransition } from './updates.ts';

export interface ReplayStep {
  readonly serverId: string;
  /** Number of the event within its server-id, from 1. */
  readonly index: number;
  /** Line number in the file. */
  readonly line: number;
  readonly t: number;
  readonly event: ReplayEvent;
  readonly recorded: RecordedState;
  readonly replayed: RecordedState;
  /** What the server told its connections. */
  readonly told: readonly Told[];
  readonly taken: readonly TakenTransition[];
  /** Whether the two states differ. The replay continues from `replayed`. */
  readonly diverges: boolean;
}

interface Place {
  readonly snapshot: ServerSnapshot;
  readonly state: RecordedState;
  readonly told: readonly Told[];
  readonly taken: readonly TakenTransition[];
}

const NOTHING = { told: [], taken: [] };

const placeOf = (given: RecordedState, input: ServerInput): Place => {
  const snapshot = snapshotOf(given, input);
  return { snapshot, state: stateOf(snapshot), ...NOTHING };
};

const take = ({ snapshot, state }: Place, event: ReplayEvent): Place => {
  // An ended actor ignores events.
  if (state.status !== 'active') return { snapshot, state, ...NOTHING };
  try {
    // XState's own events (timers, stop) are missing from the chart's event type, but the chart handles them.
    const step = stepServer(snapshot, event as ServerEvent);
    return { ...step, state: stateOf(step.snapshot) };
  } catch {
    return { snapshot, state: { ...state, status: 'error' }, ...NOTHING };
  }
};

/** The chart of one server-id. No timer runs in a replay: expired timers are recorded as events. */
export class ServerReplay {
  readonly #serverId: string;
  readonly #input: ServerInput;
  #place: Place;
  #index = 0;

  constructor({ serverId, before }: RecordedServer, { maxPhones, graceMs, probeTimeoutMs }: RecordedConfig) {
    this.#serverId = serverId;
    this.#input = { serverId, maxPhones, timing: { graceMs, probeTimeoutMs } };
    this.#place = placeOf(before, this.#input);
  }

  step({ line, t, event, after }: RecordingRecord): ReplayStep {
    this.#place = event.type === BEGINNING ? placeOf(after, this.#input) : take(this.#place, event);
    const { state: replayed, told, taken } = this.#place;
    return {
      serverId: this.#serverId,
      index: ++this.#index,
      line,
      t,
      event,
      recorded: after,
      replayed,
      told,
      taken,
      diverges: !isSameState(after, replayed),
    };
  }
}
