/** What the page is told. Ids, states, counts and codes only: no frame, token, header or client address. */

/** Server-id, state, phones, claimants in line. */
export type Row = readonly [serverId: string, state: ServerState, phones: number, line: number];

export type ServerState = 'unclaimed' | 'live' | 'probing' | 'grace' | 'released';

export interface Overview {
  readonly relay: string;
  readonly uptimeMs: number;
  readonly servers: Readonly<Record<ServerState, number>>;
  readonly binaries: number;
  readonly phones: number;
  /** Frames since start: the page makes rates of them. */
  readonly framesUp: number;
  readonly framesDown: number;
  /** Close code and times, over the last minutes. */
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
  /** Events that would be taken now. */
  readonly next: readonly string[];
  readonly connections: readonly ConnectionView[];
}

/** Which of its source's transitions on this event was taken: as the pictures of the charts name them. */
export interface TakenTransition {
  readonly source: string;
  /** Empty for an eventless transition. */
  readonly event: string;
  readonly index: number;
}

/** One event of the watched server-id: its server actor's, or one of its connections'. */
export interface TimelineEvent {
  readonly n: number;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly actor: 'server' | 'connection';
  /** The connection the event is about; '' for none. */
  readonly connId: string;
  readonly role: 'binary' | 'phone' | '';
  readonly event: string;
  /** What the actor emitted: type, connection, close code. */
  readonly emitted: readonly (readonly [type: string, connId: string, closeCode: number | null])[];
  readonly state: string;
  readonly taken: readonly TakenTransition[];
}

export interface Update {
  readonly overview: Overview;
  /** All rows (`isFull`) or those that changed. */
  readonly rows?: {
    readonly isFull: boolean;
    readonly changed: readonly Row[];
    readonly gone: readonly string[];
  };
  /** Null when the watched server-id is not there. */
  readonly server?: ServerView | null;
  readonly events?: readonly TimelineEvent[];
}

/** Once, when a page connects. */
export interface Hello {
  readonly version: string;
  readonly maxPhones: number;
  readonly graceMs: number;
}
