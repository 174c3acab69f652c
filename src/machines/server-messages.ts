/** Context, events and emitted events of the server chart. Plain data: JSON-safe, no sockets, no payloads. */
import type { Close } from '../protocol/close-codes.ts';

export interface ServerTiming {
  readonly graceMs: number;
  readonly probeTimeoutMs: number;
}

export interface ServerInput {
  readonly serverId: string;
  /** Maximum registered phones; 0 or less means no cap. */
  readonly maxPhones: number;
  readonly timing: ServerTiming;
}

export interface ServerContext extends ServerInput {
  /** Conn id of the holder; during grace, of the last holder. Null until the first claim. */
  readonly binaryId: string | null;
  /** Conn ids of the registered phones, oldest first. */
  readonly phones: readonly string[];
  /** Conn ids of the claimants in line, first in line first. */
  readonly claimants: readonly string[];
}

export interface ConnParams {
  readonly connId: string;
}

export interface RefusalParams extends ConnParams {
  readonly close: Close;
}

export interface DirectiveParams extends ConnParams {
  /** As the binary sent it; may be illegal on the wire. */
  readonly closeCode: number;
  /** The frame sent with the directive did not fit the phone's backlog. */
  readonly isTooLong: boolean;
}

/** A phone has ended, and its notice is due. `binaryId` held the slot when the phone registered. */
export interface NoticeParams extends ConnParams {
  readonly binaryId: string;
  readonly closeCode: number;
}

/** From connections, through the directory; `drain` from the directory itself. */
export type ServerEvent =
  | (ConnParams & { readonly type: 'binary.claimed' })
  /** The holder answered the probe. */
  | (ConnParams & { readonly type: 'binary.answered' })
  /** The connection of the holder or of a claimant is closing, or has ended. */
  | (ConnParams & { readonly type: 'binary.left' })
  | (ConnParams & { readonly type: 'phone.registered' })
  /** A phone's connection is closing or has ended, and the server chart did not order it. */
  | (ConnParams & { readonly type: 'phone.left' })
  /** The binary asked for this phone to be closed. */
  | (DirectiveParams & { readonly type: 'phone.dismissed' })
  /** A phone sent a frame, and no binary could take it. */
  | (ConnParams & { readonly type: 'phone.unheard' })
  /** Nothing more of this phone will be forwarded, so its binary can be notified. */
  | (NoticeParams & { readonly type: 'phone.ended' })
  | { readonly type: 'drain' };

/** Reports for the log and the metrics. Orders to a connection are sent to it, not emitted. */
export type ServerEmitted =
  /** `closeCode` as the binary sent it; if it is not legal, the phone was sent another code. */
  | (ConnParams & {
      readonly type: 'phone.dismissed';
      readonly closeCode: number;
      readonly isLegal: boolean;
    })
  /** A notice was due, but its binary has left too. */
  | (ConnParams & { readonly type: 'notice.lost'; readonly closeCode: number })
  | { readonly type: 'grace.started' }
  | { readonly type: 'grace.expired' };
