/** Messages to the page. They hold only ids, states, counts and codes: no frame, token, header or client address. */

/** A row of the overview; `line` is the number of claimants in line. */
export type Row = readonly [serverId: string, state: ServerState, phones: number, line: number];

export type ServerState = 'unclaimed' | 'live' | 'probing' | 'grace' | 'released';

/** A chart of which there is one: the relay's or that of push. It is in a state, and no events of it are told. */
export interface ChartNow {
  /** Ids of the active state nodes; none once its actor has ended. */
  readonly states: readonly string[];
  readonly timers: readonly TimerView[];
}

export interface Overview {
  readonly relay: ChartNow;
  readonly uptimeMs: number;
  readonly servers: Readonly<Record<ServerState, number>>;
  readonly binaries: number;
  readonly phones: number;
  /** `wakes` are those in flight. */
  readonly push: ChartNow & { readonly wakes: number };
  /** Frames since start. The page derives rates from them. */
  readonly framesUp: number;
  readonly framesDown: number;
  /** Pairs of close code and count over the last `CLOSE_CODE_MINUTES`. */
  readonly closeCodes: readonly (readonly [number, number])[];
}

/** A delayed event that an actor has set for itself: XState's event type, such as "xstate.after.gracePeriod.…". */
export interface TimerView {
  readonly event: string;
  readonly leftMs: number;
  readonly delayMs: number;
}

export interface ConnectionView {
  readonly connId: string;
  readonly role: 'binary' | 'phone';
  /** Ids of the active state nodes. */
  readonly states: readonly string[];
  readonly timers: readonly TimerView[];
}

/** A wake in flight. Its token is not known here. */
export interface WakeView {
  readonly id: number;
  readonly states: readonly string[];
  readonly timers: readonly TimerView[];
}

export interface ServerView {
  readonly states: readonly string[];
  readonly binaryId: string | null;
  readonly phones: readonly string[];
  readonly line: readonly string[];
  readonly maxPhones: number;
  readonly timers: readonly TimerView[];
  /** The holder, the claimants, the phones, and those that are about to leave. */
  readonly connections: readonly ConnectionView[];
  readonly wakes: readonly WakeView[];
}

/** A transition that was taken, identified as in the class names of the chart SVGs. */
export interface TakenTransition {
  readonly source: string;
  /** Empty for an eventless transition. */
  readonly event: string;
  readonly index: number;
}

/** A sender or a recipient. A socket is not an actor: transport sends for it. */
export interface Party {
  readonly kind: 'directory' | 'server' | 'connection' | 'socket';
  /** The conn id of a connection or of its socket; '' for the others. */
  readonly connId: string;
  readonly role: 'binary' | 'phone' | '';
}

/** What may be shown of an event: type, ids, codes and words of the charts, and nothing else. */
export interface Message {
  readonly type: string;
  /** The connection that the event is about; '' if that is the sender or the recipient. */
  readonly connId: string;
  readonly closeCode: number | null;
  /** Why a connection closes, or how it was admitted; '' if neither. */
  readonly cause: string;
}

/** One event to an actor of the watched server-id, from an actor or a socket. */
export interface TimelineEvent {
  readonly n: number;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly from: Party;
  /** Equal to `from` for one of the actor's own timers. */
  readonly to: Party;
  readonly message: Message;
  /** The state of `to` afterwards, such as "claimed.held.live"; '' if unknown. */
  readonly state: string;
  readonly taken: readonly TakenTransition[];
  /** True if the chart has no transition for it in its current state. */
  readonly isIgnored: boolean;
  /** The orders that the connection then gave its socket. */
  readonly orders: readonly Message[];
  /** The reports that the actor then emitted for the log and the metrics. */
  readonly reports: readonly Message[];
}

export interface Update {
  readonly overview: Overview;
  /** Replace what the page has if `isFull`; the remaining rows then follow with the changed ones, some at a time. */
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
