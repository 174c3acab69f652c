/** How one socket closes: its close frame, that of the peer, and the end of TCP. When, its chart decides. */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { Close } from '../protocol/close-codes.ts';
import type { Liveness } from './liveness.ts';

const NOTHING = new Uint8Array(0);

export interface ClosingOwner {
  /** Whether frames that were read wait to be parsed. */
  readonly isHolding: boolean;
  readonly liveness: Liveness;
  /** The peer's close frame has been read. Called again each time that is noted. */
  peerClosed(): void;
}

export class SocketClosing {
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #owner: ClosingOwner;
  /** Whether ws has been told to send a close frame. Only the chart knows whether the connection is closing. */
  #hasToldClose = false;

  /** @param socket under `ws` */
  constructor(ws: WebSocket, socket: Socket, owner: ClosingOwner) {
    this.#ws = ws;
    this.#socket = socket;
    this.#owner = owner;
  }

  /** False once a close frame was sent or received: a frame after it would break the protocol. */
  get isWritable(): boolean {
    return this.#ws.readyState === WebSocket.OPEN && this.#socket.writable;
  }

  /**
   * Tells the owner if the peer's close frame has been read. ws itself reports nothing until TCP ends, which the peer can
   * delay. While frames wait to be parsed, no close frame has been read: ws is closing because TCP has ended, and reports it
   * behind those frames.
   */
  notePeerClosed(): void {
    if (!this.#hasToldClose && this.#owner.isHolding) return;
    // ws answers a close frame at once, and ends TCP once close frames were sent both ways.
    const hasClosed = this.#hasToldClose
      ? this.#socket.writableEnded
      : this.#ws.readyState !== WebSocket.OPEN;
    if (hasClosed) this.#owner.peerClosed();
  }

  /**
   * Sends the close frame, and calls `written` when the network has taken it.
   * @returns false if the peer has closed already
   */
  sendClose({ closeCode, reason }: Close, written: () => void): boolean {
    if (this.#ws.readyState !== WebSocket.OPEN) {
      // ws has answered the peer's close frame already. Nothing may follow that.
      this.notePeerClosed();
      return false;
    }
    this.#hasToldClose = true;
    this.#owner.liveness.noteClosing();
    this.#ws.close(closeCode, reason);
    // Writes complete in order: when this empty write completes, the close frame has been written.
    this.#socket.write(NOTHING, (error) => {
      if (error) return;
      written();
      // The two close frames may have crossed.
      this.notePeerClosed();
    });
    return true;
  }

  /**
   * Ends our half of TCP. What the peer still sends is read and dropped until it ends its half (RFC 6455 section 7.1.1): a
   * socket that is closed over unread bytes is reset, and the peer can lose the close frame.
   */
  end(): void {
    this.#socket.end();
  }

  /** Ends TCP at once. */
  cut(): void {
    this.#ws.terminate();
  }
}
