/** Context, events and emitted events of the connection chart. Plain data, as everywhere in this ring. */
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
  /** Time to the first ping. Differs between connections, so that those admitted together are not pinged together. */
  readonly firstHeartbeatMs: number;
}

/** Why an admitted connection left its server-id. A closed set, for the log and the metrics. */
export type CloseCause =
  | 'peer'
  | 'protocol_error'
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
  | 'relay_backlog_full'
  | 'not_json'
  | 'not_utf8'
  | 'broken_envelopes'
  | 'control_frames'
  | 'token_revoked'
  | 'internal_error';

export type Rejection = Extract<CloseCause, 'not_json' | 'not_utf8' | 'broken_envelopes' | 'control_frames'>;

/** How a binary got the slot: it was free, in grace, or taken from a holder that did not answer. */
export type ClaimKind = 'claim' | 'reclaim' | 'takeover';
/** How a connection was admitted: phones register, binaries claim. */
export type Admission = 'registration' | ClaimKind;

/** The close frame to send, and whether the backlog precedes it. */
export interface CloseOrder {
  readonly close: Close;
  /** True to send the backlog before the close frame; false to drop it. */
  readonly flush: boolean;
}

export interface ConnectionContext extends ConnectionInput {
  /** Null until admitted. Phones: conn id of the binary that held the slot at admission. Binaries: their own. */
  readonly binaryId: string | null;
  /** Set when the relay decides to close or refuses. */
  readonly order: CloseOrder | null;
  /** Phones: whether the binary must still be told that this phone has ended. */
  readonly isNoticeOwed: boolean;
}

/** What the server chart and the directory send to a connection. */
export type ConnectionCommand =
  | { readonly type: 'admit'; readonly binaryId: string; readonly admission: Admission }
  | { readonly type: 'refuse'; readonly close: Close }
  | ({ readonly type: 'close'; readonly cause: CloseCause; readonly isNoticeOwed: boolean } & CloseOrder)
  /** Check whether the peer is alive: another binary claims its server-id. */
  | { readonly type: 'probe' }
  /** Too many connections of this server-id are being closed, and this one is the oldest. */
  | { readonly type: 'cut' }
  /** Send a close notice to the binary behind this connection. */
  | { readonly type: 'notify'; readonly connId: string; readonly closeCode: number };

/** What transport reports about the socket. */
export type SocketEvent =
  /** Something was read from the peer after the last heartbeat. */
  | { readonly type: 'peer.heard' }
  /** Something was read from the holder after the probe. */
  | { readonly type: 'probe.answered' }
  | { readonly type: 'socket.paused' }
  | { readonly type: 'socket.resumed' }
  /** A message has been incomplete for too long. */
  | { readonly type: 'message.stalled' }
  /** The peer has taken nothing of what is written to it for too long. */
  | { readonly type: 'write.stalled' }
  /** A frame did not fit a queue: this phone's own, or its binary's. */
  | { readonly type: 'backlog.overflowed'; readonly queue: Role }
  /** All connections together hold too much, and this one holds most. */
  | { readonly type: 'backlog.shed' }
  /** A message broke the rules of its leg; `broken_envelopes`: too many of a binary's have; `control_frames`: too many pings or pongs came. */
  | { readonly type: 'message.rejected'; readonly cause: Rejection }
  /** A phone's frame found no binary to take it. */
  | { readonly type: 'frame.unheard' }
  /** A binary asks to close a phone. `isTooLong`: the frame sent with the directive did not fit the phone's backlog. */
  | {
      readonly type: 'directive.received';
      readonly connId: string;
      readonly closeCode: number;
      readonly isTooLong: boolean;
    }
  /** The token with which this binary was let in is no longer accepted. */
  | { readonly type: 'token.revoked' }
  /** Transport threw while handling this connection. */
  | { readonly type: 'fault.found' }
  /** The peer's close frame arrived and was answered, or the peer answered ours. Nothing more may be sent. */
  | { readonly type: 'peer.closed' }
  /** The peer broke the WebSocket protocol, and the WebSocket layer sent a close frame. Nothing more may be sent. */
  | { readonly type: 'protocol.violated' }
  | { readonly type: 'backlog.flushed' }
  /** The peer has read more of what was written before the close frame. */
  | { readonly type: 'backlog.acknowledged' }
  | { readonly type: 'close.written' }
  /** TCP has ended. `closeCode` as the WebSocket layer reports it: 1005 without a status, 1006 without a close frame. */
  | { readonly type: 'socket.ended'; readonly closeCode: number };

export type ConnectionEvent = ConnectionCommand | SocketEvent;

/** Orders that transport carries out on the socket. */
export type SocketOrder =
  | { readonly type: 'ping.due' }
  | { readonly type: 'probe.due' }
  | { readonly type: 'notice.due'; readonly connId: string; readonly closeCode: number }
  /** Forward nothing more of this connection. Keep reading, only to see the peer's close. */
  | { readonly type: 'discard.due' }
  | { readonly type: 'flush.due' }
  | { readonly type: 'close.due'; readonly close: Close }
  /** End TCP after the socket's buffer has been written. */
  | { readonly type: 'end.due' }
  | { readonly type: 'cut.due' };

/** Reports for the log, the metrics and the data plane. */
export type ConnectionReport =
  | { readonly type: 'connection.admitted'; readonly binaryId: string; readonly admission: Admission }
  | { readonly type: 'connection.refused'; readonly close: Close }
  /** Once for each admitted connection. */
  | { readonly type: 'connection.left'; readonly cause: CloseCause }
  /** Cut while it was closing, because too many of its server-id were. */
  | { readonly type: 'connection.cut_short'; readonly wasAdmitted: boolean }
  /** The last event of every connection, once. `closeCode` as the WebSocket layer reported it. */
  | { readonly type: 'connection.ended'; readonly closeCode: number; readonly wasAdmitted: boolean };

export type ConnectionEmitted = SocketOrder | ConnectionReport;
