/**
 * What a TLS socket reads: the bytes of its TCP socket, in slices of whole records. Node decrypts all that a socket has received, up
 * to 2 MiB in one turn, and tells nobody of a record without data. A KeyUpdate is one (RFC 8446 section 4.6.3): 27 bytes, which
 * take 70 µs (docs/adr/0014). A handshake record may ask for a signature: each is passed on when it is complete, in a turn of its own.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { MAX_BARREN_RECORDS, MAX_OPENING_RECORDS, TLS_SLICE_RECORDS } from '../protocol/tls-limits.ts';
import { isCompleteHandshakeRecord, isHandshakeRecord, TlsRecords } from '../protocol/tls-records.ts';
import type { HandshakeTurns } from './handshake-turns.ts';
import { Offences } from './offences.ts';

/** The TLS socket above. It decrypts a slice while that is pushed. */
export interface RecordReader {
  /** Records with data that it has decrypted. */
  readonly dataRecords: number;
  /** Whether it has been ended. */
  readonly writableEnded: boolean;
}

export interface RecordStreamOptions {
  readonly turns: Pick<HandshakeTurns, 'add' | 'remove'>;
  /** Called once: the peer has sent too many records without data, or before its upgrade. It must destroy the connection. */
  readonly onFlood: () => void;
}

export class RecordStream extends Duplex {
  readonly #tcp: Socket;
  readonly #turns: RecordStreamOptions['turns'];
  readonly #onFlood: () => void;
  readonly #records = new TlsRecords();
  readonly #barren = new Offences(MAX_BARREN_RECORDS);
  #reader: RecordReader | undefined;
  /** What was read and not pushed yet, from `#at` on. Meanwhile the TCP socket is paused. */
  #chunk: Buffer | undefined;
  #at = 0;
  #hasEnded = false;
  /** Until the upgrade. */
  #isOpening = true;
  /** Whether its first byte is that of no handshake. OpenSSL knows an older hello without records, so that what follows is unknown. */
  #isForeign: boolean | undefined;
  /** At first, that of the hello: the stage before has waited for it. */
  #hasTurn = true;
  /** Whether it is the others' turn. */
  #isWaiting = false;

  constructor(tcp: Socket, { turns, onFlood }: RecordStreamOptions) {
    // The reader above has a buffer, and so does TCP.
    super({ allowHalfOpen: tcp.allowHalfOpen, readableHighWaterMark: 0 });
    this.#tcp = tcp;
    this.#turns = turns;
    this.#onFlood = onFlood;
    tcp.pause();
    tcp.on('data', this.#onData);
    tcp.on('end', this.#onEnd);
    tcp.on('close', () => this.destroy());
    tcp.on('error', (error) => this.destroy(error));
    // Not from `_read`: what is pushed there is delivered later, and so cannot be counted.
    this.on('resume', this.#feed);
    this.on('pause', () => tcp.pause());
  }

  /** Call it before the stream flows. */
  attach(reader: RecordReader): void {
    this.#reader = reader;
  }

  finishOpening(): void {
    this.#isOpening = false;
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#isForeign ??= !isHandshakeRecord(chunk, 0);
    // One that was underway when the socket was paused.
    this.#chunk = this.#chunk === undefined ? chunk : Buffer.concat([this.#chunk.subarray(this.#at), chunk]);
    this.#at = 0;
    this.#feed();
  };

  readonly #onEnd = (): void => {
    this.#hasEnded = true;
    this.#feed();
  };

  readonly #feed = (): void => {
    if (this.destroyed || this.#isWaiting) return;
    while (this.#chunk !== undefined && this.readableFlowing && this.#isComplete(this.#chunk)) {
      if (this.#needsTurn(this.#chunk)) {
        if (!this.#hasTurn) {
          this.#wait();
          this.#turns.add(this.#takeTurn);
          return;
        }
        this.#hasTurn = false;
      }
      const barren = this.#pushSlice(this.#chunk);
      // For another fault.
      if (this.destroyed) return;
      if (this.#isFlood(barren)) {
        this.#chunk = undefined;
        this.#onFlood();
        return;
      }
      if (this.#chunk !== undefined && (barren > 0 || this.#isOpening)) {
        // Others first: many connections may do this at once.
        this.#wait();
        setImmediate(this.#goOn);
        return;
      }
    }
    if (this.#chunk !== undefined && !this.readableFlowing) this.#tcp.pause();
    else if (this.#hasEnded) this.push(null);
    else if (this.readableFlowing) this.#tcp.resume();
  };

  #wait(): void {
    this.#isWaiting = true;
    this.#tcp.pause();
  }

  readonly #goOn = (): void => {
    this.#isWaiting = false;
    this.#feed();
  };

  readonly #takeTurn = (): void => {
    this.#hasTurn = true;
    this.#goOn();
    // Turns cannot be saved.
    this.#hasTurn = false;
  };

  #isComplete(chunk: Buffer): boolean {
    return this.#isForeign === true || !this.#records.isBetween || isCompleteHandshakeRecord(chunk, this.#at);
  }

  #needsTurn(chunk: Buffer): boolean {
    return this.#isForeign === true || (this.#records.isBetween && isHandshakeRecord(chunk, this.#at));
  }

  #isFlood(barren: number): boolean {
    for (let i = 0; i < barren; i++) if (this.#barren.addedTooMany(performance.now())) return true;
    return this.#isOpening && this.#records.ended > MAX_OPENING_RECORDS;
  }

  /** @returns how many of its records had no data */
  #pushSlice(chunk: Buffer): number {
    const start = this.#at;
    const reader = this.#reader;
    // It has said goodbye, and OpenSSL may be unable to read on. Only the end of TCP matters now.
    if (reader === undefined || reader.writableEnded) {
      this.#chunk = undefined;
      return 0;
    }
    const barrenBefore = this.#records.ended - reader.dataRecords;
    this.#at = this.#records.pass(chunk, start, this.#needsTurn(chunk) ? 1 : TLS_SLICE_RECORDS);
    if (this.#at === chunk.length) this.#chunk = undefined;
    this.push(chunk.subarray(start, this.#at));
    return this.#records.ended - reader.dataRecords - barrenBefore;
  }

  /** TCP pushes. */
  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#tcp.write(chunk, done);
  }

  override _writev(parts: { readonly chunk: Buffer }[], done: (error?: Error | null) => void): void {
    const last = parts.length - 1;
    this.#tcp.cork();
    for (const [i, { chunk }] of parts.entries()) this.#tcp.write(chunk, i === last ? done : undefined);
    this.#tcp.uncork();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#tcp.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#chunk = undefined;
    this.#turns.remove(this.#takeTurn);
    this.#tcp.destroy();
    done(error);
  }
}
