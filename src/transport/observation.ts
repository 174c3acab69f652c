/** Everything that is reported to observers. A closed set; logs and metrics are derived from it. */
import type { ClientAddress, Peer } from '../admission/client-address.ts';
import type { Limit } from '../admission/gate.ts';
import type { ClaimKind, CloseCause } from '../machines/connection-messages.ts';
import type { ServerRef } from '../machines/server-view.ts';
import type { WakeEnd } from '../machines/wake-messages.ts';
import type { EnvelopeFault } from '../protocol/binary-envelope.ts';
import type { HeaderFault, Role } from '../protocol/routing-headers.ts';
import type { WakeRefusal } from '../push/wake-gate.ts';
import type { AcmeNews } from './acme/acme-news.ts';
import type { CertificateNews } from './file-certificates.ts';
import type { ProxyFault } from './proxy-header-stage.ts';
import type { RestReason } from './reading-pace.ts';
import type { AcceptFault, Refusal } from './request-refusal.ts';
import type { TlsFault } from './tls-stage.ts';

interface OfServer {
  readonly serverId: string;
}
interface OfConnection extends OfServer {
  readonly connId: string;
}
interface WithRemote extends OfServer {
  /** The peer's address without its port. */
  readonly remote: string;
}
interface WithSource {
  /** Where `remote` came from. */
  readonly source: ClientAddress['source'];
}

/** Which limit costs a connection with a large backlog. */
export type ShedLimit = 'total_backlog' | 'memory_watermark';

export type ListenerName = 'public' | 'acme' | 'metrics' | 'inspect';

export type Observation =
  /** A request that no listener takes, whatever it asks for. */
  | (Refusal & { readonly type: 'request.refused'; readonly listener: ListenerName })
  /** A connection that could not be taken, though the listener goes on. */
  | {
      readonly type: 'connection.not_taken';
      readonly listener: ListenerName;
      readonly reason: AcceptFault;
      /** '' if the system has not handed the connection over. */
      readonly remote: string;
      readonly source: Peer['source'];
      readonly err: string;
    }
  /** A connection that was closed in its TLS handshake. */
  | {
      readonly type: 'tls.failed';
      readonly remote: string;
      readonly source: Peer['source'];
      readonly fault: TlsFault;
    }
  /** A connection without a good PROXY header. `remote` is who has dialled us: the proxy. */
  | {
      readonly type: 'proxy_header.refused';
      readonly remote: string;
      readonly source: 'socket';
      readonly fault: ProxyFault;
    }
  | CertificateNews
  | AcmeNews
  | { readonly type: 'certificate.expiring'; readonly expiresAtMs: number }
  /** A limit of admission refused a dial, or ended a connection before it was upgraded or answered. */
  | {
      readonly type: 'admission.refused';
      readonly limit: Limit;
      readonly remote: string;
      readonly source: ClientAddress['source'];
      /** '' if no request was read. */
      readonly path: string;
    }
  /** The header gate, before the upgrade. */
  | {
      readonly type: 'upgrade.refused';
      readonly role: Role;
      readonly remote: string;
      readonly source: ClientAddress['source'];
      readonly fault: HeaderFault;
    }
  | (WithRemote & {
      readonly type: 'binary.admitted';
      readonly binaryVersion: string;
      readonly kind: ClaimKind;
    })
  | (WithRemote & { readonly type: 'binary.refused'; readonly closeCode: number })
  | (WithRemote & OfConnection & { readonly type: 'phone.admitted'; readonly deviceName: string })
  | (WithRemote & { readonly type: 'phone.refused'; readonly closeCode: number })
  | (OfServer & { readonly type: 'grace.started' })
  | (OfServer & { readonly type: 'grace.expired' })
  | (OfServer & { readonly type: 'server.failed'; readonly err: string })
  /** Once for each admitted connection. */
  | (OfConnection & { readonly type: 'connection.left'; readonly role: Role; readonly cause: CloseCause })
  /** A binary or a claimant in line is closed, because its token is not in the file any longer. */
  | (WithRemote &
      WithSource &
      OfConnection & { readonly type: 'token.revoked'; readonly wasAdmitted: boolean })
  /** Cut while it was closing, because too many of its server-id were. */
  | (OfConnection & { readonly type: 'connection.cut_short'; readonly wasAdmitted: boolean })
  /** Closed, or cut if it was closing already, because all connections together held too much and it held most. */
  | (WithRemote &
      WithSource &
      OfConnection & {
        readonly type: 'connection.shed';
        readonly role: Role;
        readonly limit: ShedLimit;
        readonly heldBytes: number;
        readonly wasClosing: boolean;
      })
  | (OfConnection & { readonly type: 'connection.failed'; readonly err: string })
  /** The socket of an admitted connection has ended. */
  | (OfConnection & {
      readonly type: 'read.ended';
      readonly role: Role;
      /** As the WebSocket layer reported it: 1005 without a status, 1006 without a close frame. */
      readonly closeCode: number;
      readonly err: string;
    })
  /** A phone's socket is done. */
  | (OfConnection & { readonly type: 'phone.ended' })
  | (OfConnection & { readonly type: 'phone.unheard' })
  | (OfConnection & { readonly type: 'phone.paused' })
  /** It is read again, or has ended; it was paused for `ms`. */
  | { readonly type: 'phone.resumed'; readonly ms: number }
  /** One forwarded frame of many: its size without its envelope, and its time from being queued until the network took it. */
  | {
      readonly type: 'frame.sampled';
      readonly direction: Direction;
      readonly bytes: number;
      readonly ms: number;
    }
  /** A close frame of our own, not the answer to the peer's. */
  | { readonly type: 'close.sent'; readonly role: Role; readonly closeCode: number }
  /** A socket has ended, with the code of the peer's close frame, or 1005 without a status, or 1006 without a close frame. */
  | { readonly type: 'close.received'; readonly role: Role; readonly closeCode: number }
  | { readonly type: 'reload.ended'; readonly isApplied: boolean }
  /** A connection of this role was not read for `ms`, because its server-id had used up its byte rate. */
  | { readonly type: 'sender.throttled'; readonly role: Role; readonly ms: number }
  /** Sockets that flood are not read for a moment. */
  | { readonly type: 'readers.rested'; readonly reason: RestReason }
  /** `closeCode` as the binary sent it; if it is not legal, the phone was sent another code. */
  | (OfConnection & {
      readonly type: 'phone.dismissed';
      readonly closeCode: number;
      readonly isLegal: boolean;
    })
  | (OfConnection & { readonly type: 'notice.sent'; readonly closeCode: number })
  | (OfConnection & { readonly type: 'notice.lost'; readonly closeCode: number })
  | (OfConnection & { readonly type: 'envelope.dropped'; readonly fault: EnvelopeFault })
  | (OfConnection & { readonly type: 'envelope.unknown_conn' })
  /** A wake that was not admitted. */
  | (OfConnection & { readonly type: 'envelope.push_wake'; readonly refusal: WakeRefusal })
  /** Once for each admitted wake, `ms` after it was. */
  | (OfServer & {
      readonly type: 'wake.ended';
      readonly fingerprint: string;
      readonly end: WakeEnd;
      readonly ms: number;
    })
  /** The push service says that a quota is used up. `isNews`: it has not said so for some minutes. */
  | { readonly type: 'push.quota_exceeded'; readonly err: string; readonly isNews: boolean }
  | (OfConnection & { readonly type: 'envelope.refused' })
  /** The WebSocket layer closed the connection by itself: `code` is one of ws's own error codes. */
  | (OfConnection & { readonly type: 'protocol.violated'; readonly role: Role; readonly code: string })
  /** Resident memory is above the watermark, or has been well below it for some seconds. */
  | {
      readonly type: 'memory.reached' | 'memory.left';
      readonly residentBytes: number;
      readonly watermarkBytes: number;
    }
  /** An actor sent an event to an actor that does not exist, though it should. Always a bug. */
  | {
      readonly type: 'event.undeliverable';
      readonly to: 'server' | 'connection';
      readonly event: string;
    }
  /** One of our listeners threw. */
  | { readonly type: 'effect.failed'; readonly err: string };

export type Direction = 'phone_to_binary' | 'binary_to_phone';

/** The network has taken `bytes` more, in which `count` messages end. */
export type FramesForwarded = (direction: Direction, count: number, bytes: number) => void;

/** Receives observations. Must not act on them. */
export interface Watcher {
  observe(observation: Observation): void;
  /** Only of those who count traffic: it is called for each write. */
  framesForwarded?: FramesForwarded;
}

export interface Observer extends Watcher {
  framesForwarded: FramesForwarded;
  /** A server actor that has not started yet. */
  serverCreated(ref: ServerRef): void;
}

/** An error's class and system code. Never its message: a parser's message quotes its input. */
export const describeError = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown error';
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? `${error.name} ${code}` : error.name;
};
