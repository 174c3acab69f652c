/** A TCP connection in memory. The relay has one end; the test plays the network and the peer. */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { forgetEntries } from '../../src/transport/dropped-list.ts';

type Taken = (error?: Error | null) => void;

export class Wire extends Duplex {
  /** Bytes that the network has taken and `delivered` has not returned yet. */
  #taken: Buffer[] = [];
  #pending: { readonly bytes: Buffer; readonly taken: Taken } | undefined;
  #isStalled = false;

  constructor() {
    // Like a socket of Node's HTTP server, it stays writable after the peer has ended its side.
    super({ allowHalfOpen: true });
  }

  // What the peer does.

  /** Bytes arrive from the peer. */
  arrive(bytes: Buffer): void {
    this.push(bytes);
  }

  /** The peer ends its side of TCP. */
  hangUp(): void {
    this.push(null);
  }

  // What the network does.

  /** The network takes nothing more. */
  stall(): void {
    this.#isStalled = true;
  }

  /** The network takes the write in progress, and no more. */
  takeWrite(): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending === undefined) throw new Error('no write is in progress');
    this.#taken.push(pending.bytes);
    pending.taken();
  }

  /** The network takes everything from now on. */
  flow(): void {
    this.#isStalled = false;
    if (this.#pending !== undefined) this.takeWrite();
  }

  /** Bytes of the write in progress; 0 without one. */
  get pendingBytes(): number {
    return this.#pending?.bytes.length ?? 0;
  }

  /** What the network has taken since the last call. */
  delivered(): Buffer {
    const taken = Buffer.concat(this.#taken);
    forgetEntries(this.#taken);
    this.#taken = [];
    return taken;
  }

  // The part of `net.Socket` that the relay uses.

  /** Ends TCP once everything has been written. */
  destroySoon(): void {
    this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  get asSocket(): Socket {
    return this as unknown as Socket; // The relay and ws use nothing else.
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, taken: Taken): void {
    this.#write(chunk, taken);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], taken: Taken): void {
    this.#write(Buffer.concat(chunks.map(({ chunk }) => chunk)), taken);
  }

  #write(bytes: Buffer, taken: Taken): void {
    if (this.#isStalled) {
      this.#pending = { bytes: Buffer.from(bytes), taken };
      return;
    }
    this.#taken.push(Buffer.from(bytes));
    taken();
  }
}
