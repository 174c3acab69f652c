/**
 * What the HTTP parser of one connection is given: the bytes of its first request head, and nothing behind them. Node's parser
 * takes all requests of a 64 KiB read in one go, thousands of them, and stalls everybody for 200 ms; and it takes a body for
 * WebSocket frames. A complete head waits for its turn.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { RequestHeadEnd } from '../protocol/request-head-end.ts';
import { LINGER_MS, MAX_DISCARDED_BYTES } from '../protocol/request-limits.ts';
import { startDeadline } from './deadline.ts';
import type { HandshakeTurns } from './handshake-turns.ts';

const NOTHING = Buffer.alloc(0);
/** What follows the empty line in the preface of HTTP/2 (RFC 9113 section 3.4). */
const HTTP2_PREFACE_END = Buffer.from('SM\r\n\r\n');

export class RequestStream extends Duplex {
  readonly socket: Socket;
  readonly #turns: Pick<HandshakeTurns, 'add' | 'remove'>;
  readonly #headEnd = new RequestHeadEnd();
  /** The end of the head, until its turn comes. */
  #lastPart: Buffer | undefined;
  #hasEnded = false;
  /** What was read behind the head, once that is complete. */
  #rest: Buffer | undefined;
  #isAnswered = false;
  #discardedBytes = 0;

  constructor(socket: Socket, turns: Pick<HandshakeTurns, 'add' | 'remove'>) {
    super({ allowHalfOpen: true });
    this.socket = socket;
    this.#turns = turns;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onClose);
    socket.on('error', this.#onError);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#isAnswered) {
      // Read on, to notice when the peer leaves; but not for ever.
      this.#discardedBytes += chunk.length;
      if (this.#discardedBytes > MAX_DISCARDED_BYTES) this.destroy();
      return;
    }
    if (this.#rest !== undefined) {
      // The parser has not said yet what the request is. One more read is kept, and the socket waits.
      this.#rest = Buffer.concat([this.#rest, chunk]);
      this.socket.pause();
      return;
    }
    const end = this.#headEnd.find(chunk);
    if (end === -1) {
      this.push(chunk);
      return;
    }
    this.#rest = chunk.subarray(end);
    this.#lastPart = chunk.subarray(0, end);
    this.#turns.add(this.#parse);
  };

  readonly #parse = (): void => {
    const lastPart = this.#lastPart;
    this.#lastPart = undefined;
    // It was refused while it waited: its time for the head was over.
    if (this.#isAnswered) return;
    this.push(lastPart);
    // The parser would wait for the rest of it.
    if (this.#headEnd.isHttp2 && !this.#isAnswered) this.push(HTTP2_PREFACE_END);
    if (this.#hasEnded) this.push(null);
  };

  /** Whether what was sent has an answer, or gets one now. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  readonly #onEnd = (): void => {
    this.#hasEnded = true;
    if (this.#lastPart === undefined) this.push(null);
  };
  readonly #onClose = (): void => void this.destroy();
  readonly #onError = (): void => {};

  /**
   * Discards what follows: the request is answered here, and is the last.
   * @returns whether there was more already
   */
  discardRest(): boolean {
    const hadMore = this.#rest !== undefined && this.#rest.length > 0;
    this.#isAnswered = true;
    this.#rest = undefined;
    this.socket.resume();
    return hadMore;
  }

  /**
   * Gives the socket, paused, to its new owner, who also handles its errors.
   * @returns what was read behind the head
   */
  release(): Buffer {
    this.socket.off('data', this.#onData);
    this.socket.off('end', this.#onEnd);
    this.socket.off('close', this.#onClose);
    this.socket.off('error', this.#onError);
    // Flowing, it would lose what the owner puts back.
    this.socket.pause();
    return this.#rest ?? NOTHING;
  }

  /** The socket pushes, as the head is short. */
  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.socket.write(chunk, done);
  }

  /**
   * Reads on for a while: closed with bytes unread, TCP would reset the connection, and the peer lose the answer. Then ends both
   * halves: the peer could keep its own open for ever.
   */
  override _final(done: () => void): void {
    const { socket } = this;
    socket.once(
      'close',
      startDeadline(LINGER_MS, () => socket.destroy()),
    );
    socket.once('end', () => socket.destroySoon());
    socket.end();
    if (socket.readableEnded) socket.destroySoon();
    socket.resume();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#turns.remove(this.#parse);
    this.socket.destroy();
    done(error);
  }
}
