/** What the server chart holds, hears and emits. All of it is plain data: JSON-safe, no sockets, no payloads. */
import type { Close } from '../protocol/close-codes.ts';
import type { CloseCause } from './connection-messages.ts';

export interface ServerTiming {
  readonly graceMs: number;
  readonly probeTimeoutMs: number;
}

export interface ServerInput {
  readonly serverId: string;
  /** Phones that may be registered at once; 0 or less means no cap. */
  readonly maxPhones: number;
  readonly timing: ServerTiming;
}

export interface ServerContext extends ServerInput {
  /** Conn id of the holder; during grace, of the last one. Null until the first claim. */
  readonly binaryId: string | null;
  /** Conn ids of the registered phones, oldest first. */
  readonly phones: readonly string[];
  /** Conn ids of the claimants that wait for the outcome of the probe, first in line first. */
  readonly claimants: readonly string[];
}

export interface ConnParams {
  readonly connId: string;
}

export interface RefusalParams extends ConnParams {
  readonly close: Close;
}

export interface DirectiveParams extends ConnParams {
  /** As the binary sent it: may be one that must not go on the wire. */
  readonly closeCode: number;
  /** The frame that came with the directive did not fit the phone's backlog. */
  readonly isTooLong: boolean;
}

/** A phone's end, for its close notice. `binaryId` held the slot when the phone registered. */
export interface NoticeParams extends ConnParams {
  readonly binaryId: string;
  readonly closeCode: number;
}

/** How the server chart closes a connection that is on its list. */
export interface EvictionParams {
  readonly close: Close;
  readonly cause: CloseCause;
  /** True to send the backlog before the close frame; false to drop it. */
  readonly flush: boolean;
  /** Whether the binary is to be told when the phone's socket has ended. */
  readonly isNoticeOwed: boolean;
}

/** From connections, by way of the directory; `drain` from the directory itself. */
export type ServerEvent =
  | (ConnParams & { readonly type: 'binary.claimed' })
  /** The holder answered the probe. */
  | (ConnParams & { readonly type: 'binary.answered' })
  /** The holder's connection or a claimant's is closing, or has ended. */
  | (ConnParams & { readonly type: 'binary.left' })
  | (ConnParams & { readonly type: 'phone.registered' })
  /** A phone's connection is closing, or has ended, and the server chart did not ask for it. */
  | (ConnParams & { readonly type: 'phone.left' })
  /** The binary asked for this phone to be closed. */
  | (DirectiveParams & { readonly type: 'phone.dismissed' })
  /** A phone sent a frame while no binary was there to take it. */
  | (ConnParams & { readonly type: 'phone.unheard' })
  /** Nothing more of this phone will be forwarded: its binary may be told that it is gone. */
  | (NoticeParams & { readonly type: 'phone.ended' })
  | { readonly type: 'drain' };

/** What the log and the metrics learn. Whatever the server wants of a connection is sent to it, not emitted. */
export type ServerEmitted =
  /** `closeCode` as the binary sent it; not legal means that the phone was sent another one. */
  | (ConnParams & {
      readonly type: 'phone.dismissed';
      readonly closeCode: number;
      readonly isLegal: boolean;
    })
  /** The binary that should be told of a phone's end is gone itself. */
  | (ConnParams & { readonly type: 'notice.lost'; readonly closeCode: number })
  | { readonly type: 'grace.started' }
  | { readonly type: 'grace.expired' };
