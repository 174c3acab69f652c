/** What the connection chart holds, hears and says. Plain data, as everywhere in this ring. */
import type { Close } from '../protocol/close-codes.ts';
import type { Role } from '../protocol/routing-headers.ts';

export interface ConnectionTiming {
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly flushTimeoutMs: number;
  readonly closeWriteTimeoutMs: number;
  readonly closeAnswerTimeoutMs: number;
}

export interface ConnectionInput {
  readonly connId: string;
  readonly role: Role;
  readonly serverId: string;
  readonly timing: ConnectionTiming;
}

/** Why a connection came to its end: a closed set, for the log and the metrics. */
export type CloseCause =
  | 'peer'
  | 'protocol_error'
  | 'refused'
  | 'reclaimed'
  | 'expired'
  | 'unheard'
  | 'directive'
  | 'displaced'
  | 'shutdown'
  | 'heartbeat_timeout'
  | 'message_stalled'
  | 'write_stalled'
  | 'backlog_full'
  | 'not_json'
  | 'not_utf8'
  | 'internal_error';

/**
 * What the binary is told of this phone's end: the code the phone itself sent, 1001 whatever it sent, or nothing,
 * since it asked for the close (spec section 2, "Close notice semantics").
 */
export type NoticeRule = 'asClosed' | 'goingAway' | 'none';

export interface CloseOrder {
  /** Null when TCP is cut without a close frame. */
  readonly close: Close | null;
  readonly cause: CloseCause;
  /** Whether what waits for this connection is sent before the close frame, or dropped. */
  readonly flush: boolean;
  readonly notice: NoticeRule;
}

export interface ConnectionContext extends ConnectionInput {
  /** Phones: conn id of the binary that held the slot at registration. Binaries: their own. Null until admitted. */
  readonly binaryId: string | null;
  /** Set when the relay decides to close. */
  readonly order: CloseOrder | null;
  /** Why it is ending, once it is; until then what it is when nothing else comes first. */
  readonly cause: CloseCause;
}

export type ConnectionEvent =
  | { readonly type: 'admitted'; readonly binaryId: string }
  | ({ readonly type: 'close' } & CloseOrder)
  | { readonly type: 'pong.received' }
  | { readonly type: 'socket.paused' }
  | { readonly type: 'socket.resumed' }
  /** A message has stood incomplete for too long. */
  | { readonly type: 'message.stalled' }
  /** No write has completed for too long. */
  | { readonly type: 'write.stalled' }
  | { readonly type: 'backlog.overflowed'; readonly close: Close; readonly notice: NoticeRule }
  /** A message broke the rules of its leg. */
  | { readonly type: 'message.rejected'; readonly close: Close; readonly cause: 'not_json' | 'not_utf8' }
  /** A close frame came, and was answered: nothing more may be sent. */
  | { readonly type: 'peer.closing' }
  /** The peer broke the WebSocket protocol, and was sent a close frame that says so: nothing more may be sent. */
  | { readonly type: 'protocol.violated' }
  | { readonly type: 'backlog.flushed' }
  | { readonly type: 'close.written' }
  /** TCP has ended. `closeCode` as the WebSocket layer reports it: 1005 without a status, 1006 without a frame. */
  | { readonly type: 'socket.closed'; readonly closeCode: number };

export type ConnectionEmitted =
  | { readonly type: 'ping.due' }
  /** From now on the server-id must do without this connection. Once; never for one that was refused. */
  | { readonly type: 'connection.left'; readonly cause: CloseCause }
  | { readonly type: 'flush.due' }
  | { readonly type: 'close.due'; readonly close: Close }
  /** End TCP once the answer to the peer's close frame has been written. */
  | { readonly type: 'end.due' }
  | { readonly type: 'cut.due' }
  | {
      readonly type: 'connection.ended';
      /** As in the context: null when the connection was never admitted. */
      readonly binaryId: string | null;
      /** As the WebSocket layer reported it. */
      readonly closeCode: number;
      /** For the close notice; null when the binary must not be told. */
      readonly noticeCode: number | null;
    };
