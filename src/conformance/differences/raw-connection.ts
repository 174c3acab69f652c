/** A connection of bytes, for requests and frames that no WebSocket library would send. */
import { randomBytes } from 'node:crypto';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { DialOptions } from '../wire-peer.ts';

export type RawOptions = Pick<DialOptions, 'base' | 'patienceMs' | 'trusted'>;

/** For each answer. A relay gives it at once. */
const ANSWER_MS = 5_000;
/** Silence for so long is the answer, where one that keeps the connection says nothing. */
const SILENT_MS = 1_000;
/** Far more than any answer to a handshake. */
const MAX_HELD_BYTES = 64 * 1024;
const HEAD_END = '\r\n\r\n';
const MASK_KEY = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** Opcodes of RFC 6455 section 5.2. */
const TEXT = 0x1;
const CLOSE = 0x8;
const FIN = 0x80;
const MASKED = 0x80;
/** The longest payload whose length fits in the second byte. */
const MAX_SHORT_LENGTH = 125;

/** Of the body that follows; 0 unless the head says so. */
const lengthIn = (head: string): number => {
  const [, line] = head.toLowerCase().split('\r\ncontent-length:');
  return Number.parseInt(line ?? '0', 10) || 0;
};

/** A short frame of a client. */
export const frameOf = (opcode: 'text' | 'close', payload: Buffer, isMasked = true): Buffer => {
  const code = opcode === 'text' ? TEXT : CLOSE;
  const head = Buffer.from([FIN | code, payload.length | (isMasked ? MASKED : 0)]);
  if (!isMasked) return Buffer.concat([head, payload]);
  const masked = payload.map((byte, i) => byte ^ (MASK_KEY[i % MASK_KEY.length] ?? 0));
  return Buffer.concat([head, MASK_KEY, masked]);
};

export interface RequestHead {
  readonly method?: string;
  readonly target?: string;
  /** Without the routing headers and those of the upgrade, if these are given. */
  readonly headers?: readonly string[];
  /** Further header lines, as they are. */
  readonly extra?: readonly string[];
  readonly lineEnd?: string;
}

export class RawConnection {
  readonly #socket: Socket;
  readonly #host: string;
  #received = Buffer.alloc(0);
  #hasEnded = false;
  #wake: (() => void) | undefined;

  constructor({ base, trusted }: RawOptions) {
    const { protocol, hostname, port, host } = new URL(base);
    const name = hostname.replaceAll(/[[\]]/g, '');
    this.#host = host;
    const at = { host: name, port: Number(port || (protocol === 'wss:' ? 443 : 80)) };
    this.#socket =
      protocol === 'wss:'
        ? connectTls({
            ...at,
            servername: isIP(name) === 0 ? name : '',
            ...(trusted && { ca: [...trusted] }),
          })
        : connect(at);
    this.#socket.on('data', (chunk: Buffer) => {
      if (this.#received.length < MAX_HELD_BYTES) this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake?.();
    });
    const end = (): void => {
      this.#hasEnded = true;
      this.#wake?.();
    };
    this.#socket.on('end', end).on('close', end).on('error', end);
  }

  write(bytes: Buffer | string): void {
    if (!this.#hasEnded) this.#socket.write(bytes);
  }

  /** A handshake as `role`, on a server-id that nobody has. */
  request(role: 'binary' | 'phone', head: RequestHead = {}): void {
    const { method = 'GET', extra = [], lineEnd = '\r\n' } = head;
    const { target = role === 'binary' ? '/v1/server' : '/v1/client' } = head;
    const own = [
      `X-Pyrycode-Server: conformance-${randomBytes(8).toString('hex')}`,
      role === 'binary' ? 'X-Pyrycode-Version: conformance' : 'X-Pyrycode-Token: conformance',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ];
    const lines = [`${method} ${target} HTTP/1.1`, `Host: ${this.#host}`, 'User-Agent: conformance'];
    this.write([...lines, ...(head.headers ?? own), ...extra, '', ''].join(lineEnd));
  }

  /** The status of the next answer, such as "404"; "closed" or "silent" if there is none. Takes its head, and its body. */
  async status(timeoutMs = ANSWER_MS): Promise<string> {
    const isIn = await this.#until(() => this.#received.includes(HEAD_END), timeoutMs);
    if (!isIn) return this.#hasEnded ? 'closed' : 'silent';
    const end = this.#received.indexOf(HEAD_END) + HEAD_END.length;
    const head = this.#received.subarray(0, end).toString('latin1');
    const length = lengthIn(head);
    await this.#until(() => this.#received.length >= end + length, ANSWER_MS);
    this.#received = this.#received.subarray(end + length);
    return /^HTTP\/1\.\d (\d{3})/.exec(head)?.[1] ?? 'no HTTP';
  }

  /** As `status`, for what comes only from a relay that keeps the connection. */
  async nextStatus(): Promise<string> {
    return await this.status(SILENT_MS);
  }

  /** The close frame that comes next: its code, and its reason as it is. */
  async closeFrame(): Promise<{ readonly code: number; readonly reason: Buffer } | undefined> {
    const isIn = await this.#until(() => {
      const [first, length] = this.#received;
      return length !== undefined && first === (FIN | CLOSE) && this.#received.length >= 2 + length;
    }, ANSWER_MS);
    const length = this.#received[1] ?? 0;
    if (!isIn || length < 2 || length > MAX_SHORT_LENGTH) return undefined;
    return { code: this.#received.readUInt16BE(2), reason: this.#received.subarray(4, 2 + length) };
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async #until(isTrue: () => boolean, timeoutMs: number): Promise<boolean> {
    const givesUpAt = performance.now() + timeoutMs;
    while (!isTrue()) {
      const leftMs = givesUpAt - performance.now();
      if (this.#hasEnded || leftMs <= 0) return false;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, leftMs);
      });
      clearTimeout(timer);
    }
    return true;
  }
}

/** Opens connections to one target, and closes them. */
export class RawDialler {
  readonly #options: RawOptions;
  readonly #opened: RawConnection[] = [];

  constructor(options: RawOptions) {
    this.#options = options;
  }

  open(): RawConnection {
    const connection = new RawConnection(this.#options);
    this.#opened.push(connection);
    return connection;
  }

  clear(): void {
    for (const connection of this.#opened) connection.destroy();
  }
}
