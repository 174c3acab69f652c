/** What the flight recorder shows of a server-id. */
import type { RecordedEvent, RecordedState } from './recorded-state.ts';

export interface Recorded {
  /** Milliseconds since 1970. */
  readonly t: number;
  readonly event: RecordedEvent;
  readonly after: RecordedState;
}

/** The records of one server-id, oldest first. */
export interface Tape {
  readonly serverId: string;
  /** The state before the oldest record. */
  readonly before: RecordedState;
  readonly records: readonly Recorded[];
}
