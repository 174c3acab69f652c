/** What the server chart holds, hears and says. All of it is plain data: JSON-safe, no sockets, no payloads. */
import type { Close } from '../protocol/close-codes.ts';

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
  /** Conn id of the binary that holds the slot; during grace, of the one that held it last. */
  readonly binaryId: string | null;
  /** Conn ids of the registered phones, oldest first. */
  readonly phones: readonly string[];
  /** Conn ids of the binaries that wait for the outcome of the probe, first in line first. */
  readonly claimants: readonly string[];
}

export interface ConnParams {
  readonly connId: string;
}

export interface DirectiveParams extends ConnParams {
  readonly closeCode: number;
}

/** A phone's end, for its close notice: `binaryId` held the slot when the phone registered. */
export interface NoticeParams extends ConnParams {
  readonly binaryId: string;
  readonly closeCode: number;
}

export type ServerEvent =
  | (ConnParams & { readonly type: 'binary.claimed' })
  /** The holder answered the probe. */
  | (ConnParams & { readonly type: 'binary.answered' })
  /** A binary's connection is going or gone: the holder's or a claimant's. */
  | (ConnParams & { readonly type: 'binary.left' })
  | (ConnParams & { readonly type: 'phone.registered' })
  | (ConnParams & { readonly type: 'phone.unregistered' })
  /** The binary asked for this phone to be closed. */
  | (DirectiveParams & { readonly type: 'phone.dismissed' })
  /** A phone sent a frame while no binary was there to take it. */
  | (ConnParams & { readonly type: 'phone.unheard' })
  /** A phone's socket is done. */
  | (NoticeParams & { readonly type: 'phone.ended' })
  | { readonly type: 'drain' };

/** How a binary came to hold the slot: it was free, in grace, or taken from a holder that did not answer. */
export type ClaimKind = 'claim' | 'reclaim' | 'takeover';

/** Why a registered phone must go. */
export type EvictionCause = 'reclaimed' | 'expired' | 'unheard' | 'directive' | 'shutdown';

export interface EvictionParams {
  readonly close: Close;
  readonly cause: EvictionCause;
  /** Whether what waits for the connection is sent before the close frame, or dropped. */
  readonly flush: boolean;
}

export type ServerEmitted =
  | (ConnParams & { readonly type: 'binary.admitted'; readonly kind: ClaimKind })
  | (ConnParams & { readonly type: 'binary.refused'; readonly close: Close })
  | (ConnParams & { readonly type: 'binary.probed' })
  | (ConnParams & { readonly type: 'binary.evicted'; readonly close: Close; readonly flush: boolean })
  | (ConnParams & { readonly type: 'phone.admitted'; readonly binaryId: string })
  | (ConnParams & { readonly type: 'phone.refused'; readonly close: Close })
  | (ConnParams & EvictionParams & { readonly type: 'phone.evicted' })
  /** Tell the binary that a phone is gone. */
  | (NoticeParams & { readonly type: 'notice.due' })
  /** The binary that should be told is gone itself. */
  | (NoticeParams & { readonly type: 'notice.lost' })
  | { readonly type: 'grace.started' }
  | { readonly type: 'grace.expired' };
