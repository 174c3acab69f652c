/** One upgraded socket: carries out its chart's orders and keeps what happened on it. It decides nothing. */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { BacklogAccount, BacklogLedger } from '../admission/backlog-ledger.ts';
import type { TokenHash } from '../admission/binary-tokens.ts';
import type { ClientAddress } from '../admission/client-address.ts';
import type { SocketEvent } from '../machines/connection-messages.ts';
import type { ConnectionRef } from '../machines/directory-messages.ts';
import type { Close } from '../protocol/close-codes.ts';
import { MAX_BROKEN_ENVELOPES } from '../protocol/limits.ts';
import { subscriberOf } from '../protocol/peer-address.ts';
import { envelopeHead } from '../protocol/phone-message.ts';
import type { Role, RoutingHeaders } from '../protocol/routing-headers.ts';
import { Liveness, type LivenessPort } from './liveness.ts';
import { Offences } from './offences.ts';
import { type Forwarding, Outbox, type OutboxSink } from './outbox.ts';
import { PausedPhones } from './paused-phones.ts';
import { type HeldMessage, Reception } from './reception.ts';
import { type ClosingOwner, SocketClosing } from './socket-closing.ts';
import { type ReaderOwner, SocketReader } from './socket-reader.ts';
import type { Turn } from './turn.ts';

export interface Dialled extends RoutingHeaders {
  readonly connId: string;
  readonly role: Role;
  readonly remote: string;
  readonly source: ClientAddress['source'];
  /** Of the token that a binary presented. */
  readonly tokenHash?: TokenHash | undefined;
  readonly ws: WebSocket;
  /** The socket under `ws`. Frames are written to it directly. */
  readonly socket: Socket;
}

const NOTHING = new Uint8Array(0);

export class ConnectionAdapter implements LivenessPort, OutboxSink, ReaderOwner, ClosingOwner {
  readonly connId: string;
  readonly role: Role;
  readonly serverId: string;
  readonly remote: string;
  readonly source: ClientAddress['source'];
  readonly tokenHash: TokenHash | undefined;
  readonly binaryVersion: string;
  readonly deviceName: string;
  readonly outbox: Outbox;
  /** What it holds, in the ledger of all connections. */
  readonly account: BacklogAccount<ConnectionAdapter>;
  readonly liveness: Liveness;
  readonly reception: Reception;
  readonly reader: SocketReader;
  readonly closing: SocketClosing;
  /** Phones: the envelope bytes that precede each of their frames. */
  readonly head: Uint8Array;
  /** Of a binary. A phone's is always empty. */
  readonly pausedPhones = new PausedPhones<ConnectionAdapter>();
  /** Phones: the binary that has this phone in its `pausedPhones`. */
  pausedFor: ConnectionAdapter | undefined;
  /** Since when. */
  pausedAtMs = 0;
  /** Messages read so far. The stall sweep compares two readings. */
  messagesRead = 0;
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  #chart: ConnectionRef | undefined;
  /** Made when the first is added. */
  #brokenEnvelopes: Offences | undefined;

  constructor(
    dialled: Dialled,
    turn: Turn,
    ledger: BacklogLedger<ConnectionAdapter>,
    forwarding: Forwarding,
  ) {
    this.account = ledger.open(this);
    this.connId = dialled.connId;
    this.role = dialled.role;
    this.serverId = dialled.serverId;
    this.remote = dialled.remote;
    this.source = dialled.source;
    this.tokenHash = dialled.tokenHash;
    this.binaryVersion = dialled.binaryVersion;
    this.deviceName = dialled.deviceName;
    this.head = dialled.role === 'phone' ? envelopeHead(dialled.connId) : NOTHING;
    this.#ws = dialled.ws;
    this.#socket = dialled.socket;
    this.liveness = new Liveness(this);
    this.reception = new Reception(dialled.ws, this.account);
    this.closing = new SocketClosing(dialled.ws, dialled.socket, this);
    const { ws, socket, serverId, role, remote } = dialled;
    const lane = role === 'phone' ? serverId : ws;
    this.reader = new SocketReader({ ws, socket, turn, address: subscriberOf(remote), lane }, this);
    this.outbox = new Outbox(this, turn, forwarding);
  }

  ping(payload: string): void {
    this.#ws.ping(payload);
  }

  pong(payload: Buffer, written: () => void): void {
    if (this.isWritable) this.#ws.pong(payload, false, written);
  }

  report(event: SocketEvent): void {
    this.chart.send(event);
  }

  canWrite(): boolean {
    return this.isWritable;
  }

  charged(bytes: number): void {
    this.account.charge(bytes);
  }

  failed(): void {
    this.chart.send({ type: 'fault.found' });
  }

  /** Frames that had waited have been parsed. */
  noteParsed(): void {
    this.reception.settle();
    this.closing.notePeerClosed();
  }

  get isHolding(): boolean {
    return this.reader.isHolding;
  }

  /** Repeated calls are harmless: the chart ignores what it knows. */
  peerClosed(): void {
    this.#chart?.send({ type: 'peer.closed' });
  }

  /** Counts an envelope that could not be read. @returns true if there are too many */
  addedBrokenEnvelope(): boolean {
    this.#brokenEnvelopes ??= new Offences(MAX_BROKEN_ENVELOPES);
    return this.#brokenEnvelopes.addedTooMany(performance.now());
  }

  /** Writes all parts in one system call, and a mark behind them if one is due. */
  write(parts: readonly Uint8Array[], done: (isTaken: boolean) => void): void {
    const last = parts.length - 1;
    // Node calls back without an error for a write that was in progress when its socket was destroyed.
    const written = (error?: Error | null): void => done(!error && !this.#socket.destroyed);
    const isMarkDue = this.liveness.isMarkDueAfter(parts.reduce((sum, { length }) => sum + length, 0));
    const isCorked = last > 0 || isMarkDue;
    if (isCorked) this.#socket.cork();
    for (const [i, part] of parts.entries()) this.#socket.write(part, i === last ? written : undefined);
    if (isMarkDue) this.liveness.sendMark();
    if (isCorked) this.#socket.uncork();
  }

  /** Grows when the network or the peer itself has taken more of what was sent to it. */
  get takenCount(): number {
    return this.outbox.writesDone + this.liveness.pingsAnswered;
  }

  get ws(): WebSocket {
    return this.#ws;
  }

  /** @throws before the directory has created the actor */
  get chart(): ConnectionRef {
    if (this.#chart === undefined) throw new Error('the directory has not created this connection yet');
    return this.#chart;
  }

  set chart(ref: ConnectionRef) {
    this.#chart = ref;
  }

  get hasChart(): boolean {
    return this.#chart !== undefined;
  }

  get isWritable(): boolean {
    return this.closing.isWritable;
  }

  /** Whether back-pressure or a byte rate has stopped reading. */
  get isPaused(): boolean {
    return this.reader.isPaused;
  }

  /** Stops reading. TCP then pushes back on the peer. */
  pause(): void {
    if (this.reader.pause()) this.chart.send({ type: 'socket.paused' });
  }

  resume(): void {
    if (this.reader.resume()) this.chart.send({ type: 'socket.resumed' });
  }

  /**
   * Stops reading for a byte rate. For the chart it is a pause like any other.
   * @returns false if it was throttled already
   */
  throttle(): boolean {
    if (!this.reader.throttle()) return false;
    this.chart.send({ type: 'socket.paused' });
    return true;
  }

  release(): void {
    if (this.reader.release()) this.chart.send({ type: 'socket.resumed' });
  }

  /**
   * Holds a claimant's first message until it is admitted, and stops parsing and reading (docs/adr/0004). Another message
   * comes only once TCP has ended, and then nobody is left to be admitted.
   */
  hold(message: HeldMessage): void {
    this.reception.hold(message);
    this.reader.pause();
  }

  /** Bytes queued for it or received from it, plus the overhead per queued frame. */
  get heldBytes(): number {
    return this.outbox.chargedBytes + this.reception.bytes;
  }

  /** Reads only to see the peer's control frames from now on, so it ends any pause. */
  discardInput(): void {
    this.reception.discard();
    this.reader.leave();
    this.resume();
    this.release();
  }

  sendHeartbeat(): void {
    if (this.isWritable) this.liveness.sendHeartbeat();
  }

  /** If the holder can no longer be pinged, it has closed. */
  sendProbe(): void {
    if (this.isWritable) this.liveness.sendProbe();
    else this.closing.notePeerClosed();
  }

  /** Calls `done` when the whole backlog has been written. */
  flush(done: () => void): void {
    this.outbox.whenEmpty(done);
  }

  /**
   * Drops the backlog, sends the close frame, and calls `written` when the network has taken it.
   * @returns false if the peer has closed already
   */
  close(close: Close, written: () => void): boolean {
    this.outbox.discard();
    return this.closing.sendClose(close, written);
  }

  /** Ends our half of TCP. Drops what was queued, and what was read and waits to be parsed. */
  end(): void {
    this.outbox.discard();
    this.discardRead();
    this.closing.end();
  }

  /** Drops what was read and waits to be parsed. While ws parses, nothing waits: it is safe to settle. */
  discardRead(): void {
    if (this.reader.discard()) this.reception.settle();
    else this.reception.charge();
  }

  /** Ends TCP at once. */
  cut(): void {
    this.outbox.discard();
    this.discardRead();
    this.closing.cut();
  }
}
