/** One connection to a relay under test. Queues everything received, and can hold its answers to pings. */
import { WebSocket } from 'ws';
import type { ExpectedClose } from './expectations.ts';
import { pause } from './pause.ts';
import { type DialOptions, LIMITED, newSocket, UPGRADED, upgraded } from './wire-handshake.ts';
import { type News, WireNews } from './wire-news.ts';

const TOO_MANY = 429;
const BUSY: ReadonlySet<number> = new Set([TOO_MANY, 503]);
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;

export class WirePeer {
  readonly role: 'binary' | 'phone';
  /** Phones only: learnt from the envelope of the phone's first frame. */
  connId: string | undefined;
  readonly #ws: WebSocket;
  /** When the successful request was sent. */
  readonly dialledAtMs: number;
  readonly #news = new WireNews();
  #holdsPings = false;
  #heldPings: Buffer[] = [];

  private constructor(ws: WebSocket, role: 'binary' | 'phone', dialledAtMs: number) {
    this.#ws = ws;
    this.role = role;
    this.dialledAtMs = dialledAtMs;
    this.#listen();
  }

  /** @throws if the target does not upgrade within `patienceMs` */
  static async dial(options: DialOptions): Promise<WirePeer> {
    const givesUpAt = performance.now() + options.patienceMs;
    for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS)) {
      const dialledAtMs = performance.now();
      const ws = newSocket(options);
      const peer = new WirePeer(ws, options.role, dialledAtMs);
      const status = await upgraded(ws, givesUpAt - performance.now());
      if (status === UPGRADED) return peer;
      const isLast = options.retries === false || performance.now() + retryMs > givesUpAt;
      if (!BUSY.has(status) || isLast) {
        const advice = status === TOO_MANY ? `; ${LIMITED}` : '';
        throw new Error(`expected 101, got HTTP ${status}${advice}`);
      }
      if (status === TOO_MANY) options.onLimited?.();
      await pause(retryMs);
    }
  }

  #listen(): void {
    const tell = (news: News): void => {
      if (!this.#news.tell(news)) this.#ws.terminate();
    };
    this.#ws.on('message', (data, isBinary) => {
      const text = Buffer.isBuffer(data) ? data.toString() : '';
      // A relay must send text only: deployed phones close on a binary frame.
      tell({ message: isBinary ? `a frame with the binary opcode: ${text}` : text });
    });
    this.#ws.on('close', (code, reason) => tell({ close: { code, reason: reason.toString() } }));
    this.#ws.on('error', () => {});
    this.#ws.on('ping', (payload) => {
      if (!this.#holdsPings) {
        this.#ws.pong(payload);
        return;
      }
      this.#heldPings.push(payload);
      tell({ ping: payload });
    });
  }

  get isOpen(): boolean {
    return this.#ws.readyState === WebSocket.OPEN;
  }

  /** The close, if one has been received. */
  get closed(): ExpectedClose | undefined {
    return this.#news.closed;
  }

  /** The next message; undefined if none arrives in time or the connection ends first. */
  async message(timeoutMs: number): Promise<string | undefined> {
    const text = await this.#news.take((news) => {
      if ('message' in news) return news;
      return 'close' in news ? { message: undefined } : undefined;
    }, timeoutMs);
    return text?.message;
  }

  async pinged(timeoutMs: number): Promise<boolean> {
    return (await this.#news.take((news) => ('ping' in news ? true : undefined), timeoutMs)) === true;
  }

  async close(timeoutMs: number): Promise<ExpectedClose | undefined> {
    return await this.#news.take((news) => ('close' in news ? news.close : undefined), timeoutMs);
  }

  /** Messages that no step has consumed. */
  unread(): string[] {
    return this.#news.unread();
  }

  send(message: string): void {
    this.#ws.send(message);
  }

  /** Begins a message that no further part completes. */
  sendPart(text: string): void {
    this.#ws.send(text, { fin: false });
  }

  /** Bytes of `send` that have not left this process. */
  get unsentBytes(): number {
    return this.#ws.bufferedAmount;
  }

  /** Reads nothing until `readOn`, so close frames stay unanswered. TCP stays open. */
  stopReading(): void {
    this.#ws.pause();
  }

  readOn(): void {
    this.#ws.resume();
  }

  /** Leaves pings unanswered until `answerPings`. */
  holdPings(): void {
    this.#holdsPings = true;
  }

  answerPings(): void {
    this.#holdsPings = false;
    for (const payload of this.#heldPings.splice(0)) if (this.isOpen) this.#ws.pong(payload);
  }

  /** Whether the relay answers a ping. If so, it has read everything sent before. */
  async roundTrip(timeoutMs: number): Promise<boolean> {
    if (!this.isOpen) return false;
    return await new Promise<boolean>((resolve) => {
      const end = (isAnswered: boolean): void => {
        clearTimeout(timer);
        this.#ws.off('pong', answered).off('close', closed);
        resolve(isAnswered);
      };
      const answered = (): void => end(true);
      const closed = (): void => end(false);
      const timer = setTimeout(closed, timeoutMs);
      this.#ws.on('pong', answered).on('close', closed);
      this.#ws.ping();
    });
  }

  /** Closes with a close frame and waits for the end of TCP. */
  async leave(timeoutMs: number, code = 1000): Promise<ExpectedClose | undefined> {
    this.#ws.close(code);
    return await this.close(timeoutMs);
  }

  /** Ends TCP without a close frame. */
  drop(): void {
    this.#ws.terminate();
  }
}
