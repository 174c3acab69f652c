/** Data of a replay that the page receives. Types only: the page must import nothing that runs in Node. */
import type { TimelineEvent } from './updates.ts';

/** A recorded state. */
export interface ReplayPageState {
  /** State path, such as "claimed.held.live". */
  readonly state: string;
  /** XState's status; `error` if the chart threw. */
  readonly status: string;
  readonly binaryId: string | null;
  readonly phones: readonly string[];
  readonly claimants: readonly string[];
}

/** One event of a replay. */
export interface ReplayPageStep {
  /** What the server was told, and what it then told its connections. */
  readonly events: readonly [TimelineEvent, ...TimelineEvent[]];
  readonly after: ReplayPageState;
  /** The recorded state, if it differs from `after`. */
  readonly recorded: ReplayPageState | null;
}

export interface ReplayPageServer {
  readonly serverId: string;
  readonly before: ReplayPageState;
  readonly steps: readonly ReplayPageStep[];
}

export interface ReplayPage {
  readonly recordedAt: string;
  readonly relay: string;
  readonly maxPhones: number;
  readonly servers: readonly ReplayPageServer[];
}
