/** Data of a replay that the page receives. Types only: the page must import nothing that runs in Node. */

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
  readonly atMs: number;
  readonly event: string;
  readonly connId: string;
  readonly after: ReplayPageState;
  /** The recorded state if the replay diverges from it here; null otherwise. */
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
