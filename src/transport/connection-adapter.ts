/**
 * One upgraded socket: turns what happens on it into events for its chart, and what the chart says is due into calls
 * on the socket. It decides nothing.
 */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { ConnectionRef } from '../machines/directory.ts';
import type { Close } from '../protocol/close-codes.ts';
import { envelopeHead } from '../protocol/phone-message.ts';
import type { Role, RoutingHeaders } from '../protocol/routing-headers.ts';
import { Outbox } from './outbox.ts';
import { Pings, type PongReading } from './pings.ts';
import { Reading } from './reading.ts';
import type { Turn } from './turn.ts';

export interface Dialled extends RoutingHeaders {
  readonly connId: string;
  readonly role: Role;
  readonly remote: string;
  readonly ws: WebSocket;
  /** The socket under `ws`, from the upgrade: frames are written to it directly. */
  readonly socket: Socket;
}

export interface HeldMessage {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

const NOTHING = new Uint8Array(0);

export class ConnectionAdapter {
  readonly connId: string;
  readonly role: Role;
  readonly serverId: string;
  readonly remote: string;
  readonly binaryVersion: string;
  readonly deviceName: string;
  readonly outbox: Outbox;
  readonly reading: Reading;
  /** Phones: what stands before each of their frames in the envelope. */
  readonly head: Uint8Array;
  /** Binaries: the phones that wait, unread, until this binary's queue is short again. */
  readonly pausedPhones = new Set<ConnectionAdapter>();
  /** Messages read so far: the stall sweep compares two readings. */
  messagesRead = 0;
  /** Pings and pongs read so far. */
  controlFramesRead = 0;
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  #chart: ConnectionRef | undefined;
  readonly #pings = new Pings();
  #held: HeldMessage[] = [];
  #isClosing = false;

  constructor(dialled: Dialled, turn: Turn, framesWritten: (count: number) => void) {
    this.connId = dialled.connId;
    this.role = dialled.role;
    this.serverId = dialled.serverId;
    this.remote = dialled.remote;
    this.binaryVersion = dialled.binaryVersion;
    this.deviceName = dialled.deviceName;
    this.head = dialled.role === 'phone' ? envelopeHead(dialled.connId) : NOTHING;
    this.#ws = dialled.ws;
    this.#socket = dialled.socket;
    this.reading = new Reading(dialled.ws, turn, dialled.role === 'phone' ? dialled.serverId : dialled.ws);
    this.outbox = new Outbox(
      {
        canWrite: () => this.isWritable,
        write: (parts, done) => this.#write(parts, done),
        framesWritten,
      },
      turn,
    );
  }

  /** All of it in one system call. */
  #write(parts: readonly Uint8Array[], done: (error?: Error | null) => void): void {
    const last = parts.length - 1;
    if (last > 0) this.#socket.cork();
    for (const [i, part] of parts.entries()) this.#socket.write(part, i === last ? done : undefined);
    if (last > 0) this.#socket.uncork();
  }

  get ws(): WebSocket {
    return this.#ws;
  }

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

  /** Tells the chart, once, of a close frame that came or that ws sent of its own accord. */
  notePeerClosing(): void {
    if (this.#ws.readyState === WebSocket.OPEN || this.#isClosing) return;
    this.#isClosing = true;
    this.#chart?.send({ type: 'peer.closing' });
  }

  /** False once a close frame went out or came in: a frame after one would break the protocol. */
  get isWritable(): boolean {
    return this.#ws.readyState === WebSocket.OPEN && this.#socket.writable;
  }

  /** Whether it is not read because somebody else is slow. */
  get isPaused(): boolean {
    return this.reading.isHeldBack;
  }

  /** Stops reading. TCP then pushes back on the peer. */
  pause(): void {
    if (this.reading.holdBack()) this.chart.send({ type: 'socket.paused' });
  }

  resume(): void {
    if (this.reading.letGo()) this.chart.send({ type: 'socket.resumed' });
  }

  /** Keeps a message of a binary that is not admitted yet, and reads no further. */
  hold(message: HeldMessage): void {
    this.#held.push(message);
    this.reading.holdBack();
  }

  /** What was held, oldest first; nothing is held afterwards. */
  takeHeld(): readonly HeldMessage[] {
    const held = this.#held;
    this.#held = [];
    return held;
  }

  sendHeartbeat(): void {
    this.#ping(this.#pings.nextHeartbeat());
  }

  sendProbe(): void {
    this.#ping(this.#pings.nextProbe());
  }

  #ping(payload: string): void {
    if (this.isWritable) this.#ws.ping(payload);
  }

  readPong(payload: Buffer): PongReading {
    return this.#pings.readPong(payload);
  }

  /** Calls back when all that waited has been written. */
  flush(done: () => void): void {
    this.resume();
    this.outbox.whenEmpty(done);
  }

  /** Drops what waits, sends the close frame, and calls back when the network has taken it. */
  close({ closeCode, reason }: Close, written: () => void): void {
    this.#isClosing = true;
    this.reading.leave();
    this.resume();
    this.outbox.discard();
    if (this.#ws.readyState !== WebSocket.OPEN) {
      // A close frame has gone out already, in answer to the peer's: nothing may follow it.
      written();
      return;
    }
    this.#ws.close(closeCode, reason);
    // Writes complete in order: when this empty one does, so has the close frame.
    this.#socket.write(NOTHING, (error) => {
      if (error === undefined || error === null) written();
    });
  }

  /** Ends TCP when what is in the socket has been written. */
  end(): void {
    this.outbox.discard();
    this.#socket.destroySoon();
  }

  /** Ends TCP at once. */
  cut(): void {
    this.outbox.discard();
    this.#ws.terminate();
  }
}
