/** Messages to the page. They hold only ids, states, counts and codes: no frame, token, header or client address. */

/** A row of the overview; `line` is the number of claimants in line. */
export type Row = readonly [serverId: string, state: ServerState, phones: number, line: number];

export type ServerState = 'unclaimed' | 'live' | 'probing' | 'grace' | 'released';

export interface Overview {
  readonly relay: string;
  readonly uptimeMs: number;
  readonly servers: Readonly<Record<ServerState, number>>;
  readonly binaries: number;
  readonly phones: number;
  /** Frames since start. The page derives rates from them. */
  readonly framesUp: number;
  readonly framesDown: number;
  /** Pairs of close code and count over the last `CLOSE_CODE_MINUTES`. */
  readonly closeCodes: readonly (readonly [number, number])[];
}

export interface ConnectionView {
  readonly connId: string;
  readonly role: 'binary' | 'phone';
  /** Ids of the active state nodes. */
  readonly states: readonly string[];
}

export interface ServerView {
  readonly serverId: string;
  readonly states: readonly string[];
  readonly binaryId: string | null;
  readonly phones: readonly string[];
  readonly line: readonly string[];
  readonly maxPhones: number;
  /** Events that the current state would handle. */
  readonly next: readonly string[];
  readonly connections: readonly ConnectionView[];
}

/** A transition that was taken, identified as in the class names of the chart SVGs. */
export interface TakenTransition {
  readonly source: string;
  /** Empty for an eventless transition. */
  readonly event: string;
  readonly index: number;
}

/** An event of the watched server-id: of its server actor or of one of its connections. */
export interface TimelineEvent {
  readonly n: number;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly actor: 'server' | 'connection';
  /** The connection that the event concerns; '' for none. */
  readonly connId: string;
  readonly role: 'binary' | 'phone' | '';
  readonly event: string;
  /** Events the actor emitted, each with its connection and close code. */
  readonly emitted: readonly (readonly [type: string, connId: string, closeCode: number | null])[];
  readonly state: string;
  readonly taken: readonly TakenTransition[];
}

export interface Update {
  readonly overview: Overview;
  /** All rows if `isFull`, otherwise only changed ones. */
  readonly rows?: {
    readonly isFull: boolean;
    readonly changed: readonly Row[];
    readonly gone: readonly string[];
  };
  /** Null if the watched server-id has no actor. */
  readonly server?: ServerView | null;
  readonly events?: readonly TimelineEvent[];
}

/** Sent once, when a page connects. */
export interface Hello {
  readonly version: string;
  readonly maxPhones: number;
  readonly graceMs: number;
}
