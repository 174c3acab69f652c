/** Phones and binaries that dial like the real ones, with `ws` and the headers of `clients.md`. */
import type { Socket } from 'node:net';
import { type ClientOptions, WebSocket } from 'ws';
import { Inbox } from './inbox.ts';

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export interface Envelope {
  readonly conn_id: string;
  readonly frame?: unknown;
  readonly close_code?: number;
}

export type Headers = Readonly<Record<string, string>>;

export const binaryHeaders = (serverId: string): Headers => ({
  'X-Pyrycode-Server': serverId,
  'X-Pyrycode-Version': 'v-test',
  'User-Agent': 'pyry/v-test',
});

export const phoneHeaders = (serverId: string): Headers => ({
  'X-Pyrycode-Server': serverId,
  'X-Pyrycode-Token': 'not-a-real-token',
  'User-Agent': 'pyrycode-mobile/test',
});

export class Peer {
  readonly ws: WebSocket;
  /** Messages as text. */
  readonly inbox: Inbox<string>;
  /** For each message, whether it had the binary opcode. */
  readonly opcodes: boolean[] = [];
  readonly closed: Promise<Closed>;
  /** HTTP status of the upgrade; 101 on success. */
  readonly status: Promise<number>;
  #socket: Socket | undefined;

  constructor(url: string, headers: Headers, options: ClientOptions = {}) {
    this.ws = new WebSocket(url, { headers, perMessageDeflate: false, maxPayload: 0, ...options });
    this.inbox = new Inbox(url);
    this.ws.on('upgrade', ({ socket }) => (this.#socket = socket));
    this.ws.on('message', (data, isBinary) => {
      this.opcodes.push(isBinary);
      this.inbox.push(Buffer.isBuffer(data) ? data.toString() : 'not one buffer');
    });
    this.closed = new Promise((resolve) => {
      this.ws.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    this.status = new Promise((resolve, reject) => {
      this.ws.on('open', () => resolve(101));
      this.ws.on('unexpected-response', (_request, response) => {
        resolve(response.statusCode ?? 0);
        // With a listener, ws leaves the end of the connection to it, and `closed` would never come.
        this.ws.terminate();
      });
      this.ws.on('error', reject);
    });
    this.status.catch(() => {});
    this.ws.on('error', () => {});
  }

  async open(): Promise<this> {
    const status = await this.status;
    if (status !== 101) throw new Error(`upgrade answered with ${status}`);
    return this;
  }

  send(message: string | Buffer, options: { binary?: boolean } = {}): void {
    this.ws.send(message, { binary: options.binary ?? false });
  }

  /** What `send` sends goes out in one write: up to 64 KiB in all, the relay reads it in one turn of its event loop. */
  corked(send: () => void): void {
    this.#socket?.cork();
    send();
    this.#socket?.uncork();
  }

  sendTogether(messages: readonly string[]): void {
    this.corked(() => {
      for (const message of messages) this.send(message);
    });
  }

  async next(timeoutMs?: number): Promise<string> {
    return await this.inbox.next(timeoutMs);
  }

  async nextEnvelope(timeoutMs?: number): Promise<Envelope> {
    return JSON.parse(await this.next(timeoutMs)) as Envelope; // The tests check the contents.
  }

  /** Sends a ping and waits for its pong. The relay has then read everything sent before. */
  async roundTrip(): Promise<void> {
    const pong = new Promise<void>((resolve) => this.ws.once('pong', () => resolve()));
    this.ws.ping();
    await pong;
  }

  async close(code?: number, reason?: string): Promise<Closed> {
    this.ws.close(code, reason);
    return await this.closed;
  }
}

/** Dials peers and terminates all of them on disposal. */
export class Peers {
  readonly #base: () => string;
  #dialled: Peer[] = [];
  #nextId = 0;

  constructor(base: () => string) {
    this.#base = base;
  }

  /** A unique server-id. */
  serverId(): string {
    this.#nextId++;
    return `server-${process.pid}-${this.#nextId}`;
  }

  dial(path: string, headers: Headers, options?: ClientOptions): Peer {
    const peer = new Peer(`${this.#base()}${path}`, headers, options);
    this.#dialled.push(peer);
    return peer;
  }

  /** A binary that has claimed a free server-id. Waits for a pong, because the claim is decided by then. */
  async binary(serverId: string, options?: ClientOptions): Promise<Peer> {
    const peer = await this.dial('/v1/server', binaryHeaders(serverId), options).open();
    await peer.roundTrip();
    return peer;
  }

  dialBinary(serverId: string, options?: ClientOptions): Peer {
    return this.dial('/v1/server', binaryHeaders(serverId), options);
  }

  async phone(serverId: string, options?: ClientOptions): Promise<Peer> {
    return await this.dialPhone(serverId, options).open();
  }

  dialPhone(serverId: string, options?: ClientOptions): Peer {
    return this.dial('/v1/client', phoneHeaders(serverId), options);
  }

  /** A phone and its conn id, learnt from the phone's first frame. */
  async knownPhone(
    serverId: string,
    binary: Peer,
    options?: ClientOptions,
  ): Promise<{ phone: Peer; connId: string }> {
    const phone = await this.phone(serverId, options);
    phone.send('"hello"');
    const { conn_id: connId, frame } = await binary.nextEnvelope();
    if (frame !== 'hello')
      throw new Error(`expected the hello of the new phone, got ${JSON.stringify(frame)}`);
    return { phone, connId };
  }

  dispose(): void {
    for (const { ws } of this.#dialled) ws.terminate();
    this.#dialled = [];
  }
}
