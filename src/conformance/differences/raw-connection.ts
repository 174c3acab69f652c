/** A connection of bytes, for requests and frames that no WebSocket library would send. */
import { randomBytes } from 'node:crypto';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { newServerId } from '../new-server-id.ts';
import type { DialOptions } from '../wire-handshake.ts';
import { type Frame, readFrame } from './raw-frame.ts';

export type RawOptions = Pick<DialOptions, 'base' | 'patienceMs' | 'trusted' | 'onLimited'>;

/** For each answer. A relay gives it at once. */
export const ANSWER_MS = 5_000;
/** Silence for so long is the answer, where one that keeps the connection says nothing. */
export const SILENT_MS = 1_000;
/** More than any frame that is asked for, and far more than any answer to a handshake. */
const MAX_HELD_BYTES = 128 * 1024;
const HEAD_END = '\r\n\r\n';

/** Of the body that follows; undefined if it lasts until the connection ends (RFC 9112 section 6.3). */
const lengthIn = (head: string): number | undefined => {
  const lower = head.toLowerCase();
  const [, length] = lower.split('\r\ncontent-length:');
  if (length !== undefined) return Number.parseInt(length, 10);
  return lower.includes('\r\nconnection: close\r\n') ? undefined : 0;
};

export interface RequestHead {
  readonly method?: string;
  readonly target?: string;
  /** One that nobody has, unless given. */
  readonly serverId?: string;
  readonly httpVersion?: string;
  readonly binaryVersion?: string;
  /** Without the routing headers and those of the upgrade, if these are given. */
  readonly headers?: readonly string[];
  /** Further header lines, as they are. */
  readonly extra?: readonly string[];
  readonly lineEnd?: string;
}

export interface Answer {
  /** Such as "404"; "closed" or "silent" if there is none. */
  readonly status: string;
  /** Up to its blank line. */
  readonly head: string;
  /** As Latin-1. */
  readonly body: string;
}

export class RawConnection {
  readonly #socket: Socket;
  readonly #host: string;
  #received: Buffer = Buffer.alloc(0);
  #hasEnded = false;
  #wake: (() => void) | undefined;

  constructor({ base, trusted }: RawOptions) {
    const { protocol, hostname, port: given, host } = new URL(base);
    const name = hostname.replaceAll(/[[\]]/g, '');
    this.#host = host;
    const port = Number(given || (protocol === 'wss:' ? 443 : 80));
    // The relay may end its half while this side keeps its own.
    const at = { host: name, port, allowHalfOpen: true };
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

  /** A handshake as `role`. */
  request(role: 'binary' | 'phone', head: RequestHead = {}): void {
    const { method = 'GET', extra = [], lineEnd = '\r\n', serverId = newServerId() } = head;
    const { httpVersion = '1.1', binaryVersion = 'conformance' } = head;
    const { target = role === 'binary' ? '/v1/server' : '/v1/client' } = head;
    const own = [
      `X-Pyrycode-Server: ${serverId}`,
      role === 'binary' ? `X-Pyrycode-Version: ${binaryVersion}` : 'X-Pyrycode-Token: conformance',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ];
    const lines = [
      `${method} ${target} HTTP/${httpVersion}`,
      `Host: ${this.#host}`,
      'User-Agent: conformance',
    ];
    this.write([...lines, ...(head.headers ?? own), ...extra, '', ''].join(lineEnd));
  }

  /** The next answer, once its head and its body are there. Takes both. */
  async answer(timeoutMs = ANSWER_MS): Promise<Answer> {
    const isIn = await this.#until(() => this.#received.includes(HEAD_END), timeoutMs);
    if (!isIn) return { status: this.#hasEnded ? 'closed' : 'silent', head: '', body: '' };
    const end = this.#received.indexOf(HEAD_END) + HEAD_END.length;
    const head = this.#received.subarray(0, end).toString('latin1');
    const length = lengthIn(head) ?? Number.POSITIVE_INFINITY;
    await this.#until(() => this.#received.length >= end + length, ANSWER_MS);
    const body = this.#received.subarray(end, end + length).toString('latin1');
    this.#received = this.#received.subarray(end + length);
    return { status: /^HTTP\/1\.\d (\d{3})/.exec(head)?.[1] ?? 'no HTTP', head, body };
  }

  /** The status of the next answer. */
  async status(timeoutMs = ANSWER_MS): Promise<string> {
    return (await this.answer(timeoutMs)).status;
  }

  /** As `status`, for what comes only from a relay that keeps the connection. */
  async nextStatus(): Promise<string> {
    return await this.status(SILENT_MS);
  }

  /** The next frame, behind an upgrade. Undefined if none comes. */
  async frame(timeoutMs = ANSWER_MS): Promise<Frame | undefined> {
    await this.#until(() => readFrame(this.#received) !== undefined, timeoutMs);
    const read = readFrame(this.#received);
    if (read !== undefined) this.#received = read.rest;
    return read?.frame;
  }

  /** Whether the relay ends the connection, rather than keep it without a word. */
  async ends(): Promise<boolean> {
    await this.#until(() => false, SILENT_MS);
    return this.#hasEnded;
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
