/** One connection to a relay under test. Queues everything received, and can hold its answers to pings. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { WebSocket } from 'ws';
import { isLoopbackHost } from '../config/checks.ts';
import type { ExpectedClose } from './expectations.ts';
import { pause } from './pause.ts';

export interface DialOptions {
  readonly base: string;
  readonly serverId: string;
  readonly role: 'binary' | 'phone';
  /** Total time for the dial, including retries while the target is busy (429, 503). */
  readonly patienceMs: number;
  /** PEM certificates to trust instead of those of Node. */
  readonly trusted?: readonly string[] | undefined;
  /** Called each time the target says that it is dialled too often (429), before the next attempt. */
  readonly onLimited?: (() => void) | undefined;
  /** False to take the first answer of a busy target as its last. */
  readonly retries?: boolean;
  /** What it calls itself: a binary's version, a phone's token, and the end of its User-Agent. */
  readonly name?: string;
  /** Of a binary, for a target that asks for tokens. */
  readonly relayToken?: string | undefined;
}

/** What helps then. */
export const LIMITED =
  'the target limits how often one address may dial (HTTP 429): start it with --rate-burst 0, or use --parallel 1 and a longer --patience';

const PATHS = { binary: '/v1/server', phone: '/v1/client' } as const;
const TOO_MANY = 429;
const BUSY: ReadonlySet<number> = new Set([TOO_MANY, 503]);
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;

/** A target could send without end what no step reads. */
const MAX_UNREAD = 10_000;
/** Four times the default of a relay: what is longer is none of the frames that it was sent. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

const headersOf = ({ role, serverId, name = 'conformance', relayToken }: DialOptions) => ({
  'X-Pyrycode-Server': serverId,
  ...(role === 'binary'
    ? { 'X-Pyrycode-Version': name, 'User-Agent': `pyry/${name}` }
    : { 'X-Pyrycode-Token': name, 'User-Agent': `phone/${name}` }),
  ...(role === 'binary' && relayToken !== undefined && { 'X-Pyrycode-Relay-Token': relayToken }),
});

/** The global agent may go through a proxy that the environment names. Nothing of this machine is behind it. */
const directAgent = (base: string): HttpAgent =>
  base.startsWith('wss:') ? new HttpsAgent() : new HttpAgent();

/** Resolves when the sockets have been read once more. */
const polled = async (): Promise<void> => {
  await new Promise<void>((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
};

/** Something received: a message, a ping, or the end of the connection. */
type News = { readonly message: string } | { readonly close: ExpectedClose } | { readonly ping: Buffer };

export class WirePeer {
  readonly role: 'binary' | 'phone';
  /** Phones only: learnt from the envelope of the phone's first frame. */
  connId: string | undefined;
  readonly #ws: WebSocket;
  /** When the successful request was sent. */
  dialledAtMs = 0;
  #news: News[] = [];
  #holdsPings = false;
  #heldPings: Buffer[] = [];
  #wake: (() => void) | undefined;

  private constructor(ws: WebSocket, role: 'binary' | 'phone') {
    this.#ws = ws;
    this.role = role;
  }

  /** @throws if the target does not upgrade within `patienceMs` */
  static async dial(options: DialOptions): Promise<WirePeer> {
    const givesUpAt = performance.now() + options.patienceMs;
    for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS)) {
      const dialled = await WirePeer.#dialOnce(options, givesUpAt - performance.now());
      if (dialled instanceof WirePeer) return dialled;
      const isLast = options.retries === false || performance.now() + retryMs > givesUpAt;
      if (!BUSY.has(dialled) || isLast) {
        const advice = dialled === TOO_MANY ? `; ${LIMITED}` : '';
        throw new Error(`expected 101, got HTTP ${dialled}${advice}`);
      }
      if (dialled === TOO_MANY) options.onLimited?.();
      await pause(retryMs);
    }
  }

  static async #dialOnce(options: DialOptions, timeoutMs: number): Promise<WirePeer | number> {
    const dialledAtMs = performance.now();
    const ws = new WebSocket(`${options.base}${PATHS[options.role]}`, {
      headers: headersOf(options),
      // Pongs are sent explicitly: while a binary is probed, its answer is a step of the path.
      autoPong: false,
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
      ...(isLoopbackHost(new URL(options.base).hostname) && { agent: directAgent(options.base) }),
      ...(options.trusted !== undefined && { ca: [...options.trusted] }),
    });
    const peer = new WirePeer(ws, options.role);
    peer.dialledAtMs = dialledAtMs;
    peer.#listen();
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        // The handshake timeout of ws begins anew with each byte of a slow answer.
        timer = setTimeout(() => {
          reject(new Error(`no answer to the handshake in ${Math.round(timeoutMs)} ms`));
          ws.terminate();
        }, timeoutMs);
        ws.once('open', () => resolve(peer));
        ws.once('error', reject);
        ws.once('unexpected-response', (_request, response) => {
          ws.removeAllListeners('error');
          ws.on('error', () => {});
          response.destroy();
          resolve(response.statusCode ?? 0);
        });
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #listen(): void {
    const tell = (news: News): void => {
      if (this.#news.length >= MAX_UNREAD) this.#ws.terminate();
      this.#news.push(news);
      this.#wake?.();
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
    for (const news of this.#news) if ('close' in news) return news.close;
    return undefined;
  }

  async #take<T>(pick: (news: News) => T | undefined, timeoutMs: number): Promise<T | undefined> {
    const givesUpAt = performance.now() + timeoutMs;
    let isOver = false;
    for (;;) {
      for (const [i, news] of this.#news.entries()) {
        const taken = pick(news);
        if (taken === undefined) continue;
        // A close stays in the queue, so that it can be read again.
        if (!('close' in news)) this.#news.splice(i, 1);
        return taken;
      }
      if (isOver) return undefined;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, Math.max(0, givesUpAt - performance.now()));
      });
      clearTimeout(timer);
      isOver = performance.now() >= givesUpAt;
      // After a stall, timers run before the sockets are read: what has arrived in time counts.
      if (isOver) await polled();
    }
  }

  /** The next message; undefined if none arrives in time or the connection ends first. */
  async message(timeoutMs: number): Promise<string | undefined> {
    const text = await this.#take((news) => {
      if ('message' in news) return news;
      return 'close' in news ? { message: undefined } : undefined;
    }, timeoutMs);
    return text?.message;
  }

  async pinged(timeoutMs: number): Promise<boolean> {
    return (await this.#take((news) => ('ping' in news ? true : undefined), timeoutMs)) === true;
  }

  async close(timeoutMs: number): Promise<ExpectedClose | undefined> {
    return await this.#take((news) => ('close' in news ? news.close : undefined), timeoutMs);
  }

  /** Messages that no step has consumed. */
  unread(): string[] {
    return this.#news.flatMap((news) => ('message' in news ? [news.message] : []));
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
