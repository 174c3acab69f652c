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

/** Who tells, or is told. A socket is no actor: transport speaks for it. */
export interface Party {
  readonly kind: 'directory' | 'server' | 'connection' | 'socket';
  /** Of a connection or its socket; '' for the others. */
  readonly connId: string;
  readonly role: 'binary' | 'phone' | '';
}

/** What is told: types, ids, codes and words of the charts, and nothing else. */
export interface Message {
  readonly type: string;
  /** The connection it is about; '' if that is the one that tells it, or is told. */
  readonly connId: string;
  readonly closeCode: number | null;
  /** Why a connection closes, or how it was admitted; '' if neither. */
  readonly cause: string;
}

/** One event told to an actor of the watched server-id, or by one of its sockets. */
export interface TimelineEvent {
  readonly n: number;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly from: Party;
  /** The same as `from` for a timer of its own. */
  readonly to: Party;
  readonly message: Message;
  /** The state it left `to` in, such as "claimed.held.live"; '' if not known. */
  readonly state: string;
  readonly taken: readonly TakenTransition[];
  /** The chart has no transition for it in its present state. */
  readonly isIgnored: boolean;
  /** What the connection then ordered of its socket. */
  readonly orders: readonly Message[];
  /** What the actor then reported for the log and the metrics. */
  readonly reports: readonly Message[];
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
