/** A replay as the page is given it. Types only: the page knows nothing else of what runs in Node. */

/** As a recording has it. */
export interface ReplayPageState {
  /** "claimed.held.live" */
  readonly state: string;
  /** As XState has it: an actor whose chart threw has ended in `error`. */
  readonly status: string;
  readonly binaryId: string | null;
  readonly phones: readonly string[];
  readonly claimants: readonly string[];
}

/** One event of a replay, as the page shows it. */
export interface ReplayPageStep {
  readonly atMs: number;
  readonly event: string;
  readonly connId: string;
  readonly after: ReplayPageState;
  /** What was recorded instead, where the two part. */
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
