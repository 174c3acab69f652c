/** A TCP client that speaks WebSocket by hand. Sends bytes that no library would send, and can stop reading. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { tlsCertificate } from './over-tls.ts';
import type { Headers } from './peer.ts';

export interface FrameOptions {
  readonly opcode?: number;
  readonly fin?: boolean;
  readonly rsv1?: boolean;
  readonly masked?: boolean;
}

export interface ServerFrame {
  readonly fin: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
}

/** A client frame; masked by default, as clients must. */
export const clientFrame = (payload: Buffer | string, options: FrameOptions = {}): Buffer => {
  const { opcode = 1, fin = true, rsv1 = false, masked = true } = options;
  const body = Buffer.from(payload);
  const maskBit = masked ? 0x80 : 0;
  const first = (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode;
  let head: Buffer;
  if (body.length < 126) head = Buffer.from([first, maskBit | body.length]);
  else if (body.length < 65_536) {
    head = Buffer.from([first, maskBit | 126, body.length >> 8, body.length & 0xff]);
  } else {
    head = Buffer.alloc(10);
    head.writeUInt8(first, 0);
    head.writeUInt8(maskBit | 127, 1);
    head.writeBigUInt64BE(BigInt(body.length), 2);
  }
  if (!masked) return Buffer.concat([head, body]);
  const mask = randomBytes(4);
  const scrambled = body.map((byte, i) => byte ^ (mask[i % 4] ?? 0));
  return Buffer.concat([head, mask, scrambled]);
};

/** The first frame in `bytes`, and its length; undefined while it is incomplete. */
export const parseServerFrame = (bytes: Buffer): { frame: ServerFrame; bytes: number } | undefined => {
  if (bytes.length < 2) return undefined;
  const first = bytes.readUInt8(0);
  const short = bytes.readUInt8(1) & 0x7f;
  const headBytes = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < headBytes) return undefined;
  const length =
    short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
  if (bytes.length < headBytes + length) return undefined;
  const payload = Buffer.from(bytes.subarray(headBytes, headBytes + length));
  return {
    frame: { fin: (first & 0x80) !== 0, opcode: first & 0x0f, payload },
    bytes: headBytes + length,
  };
};

export class RawSocket {
  readonly socket: Socket;
  /** Bytes received so far and not yet consumed. */
  received = Buffer.alloc(0);
  /** Resolves when the TCP connection has ended in any way. */
  readonly ended: Promise<void>;
  readonly #tcp: Socket;
  #wake: (() => void)[] = [];
  #hasEnded = false;

  constructor(port: number) {
    this.#tcp = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.#tcp.setNoDelay(true);
    this.socket = tlsCertificate() === undefined ? this.#tcp : connectTls({ socket: this.#tcp });
    this.socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.#notify();
    });
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        this.#hasEnded = true;
        this.#notify();
        resolve();
      };
      this.socket.on('end', end);
      this.socket.on('close', end);
    });
    this.socket.on('error', () => {});
  }

  #notify(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  write(bytes: Buffer | string): void {
    this.socket.write(bytes);
  }

  request(
    method: string,
    path: string,
    headers: readonly (readonly [string, string])[],
    version = '1.1',
  ): void {
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    this.socket.write(
      Buffer.from(`${method} ${path} HTTP/${version}\r\nHost: relay\r\n${lines}\r\n`, 'latin1'),
    );
  }

  /** The HTTP response: status, head, and the bytes received after it so far. */
  async answer(): Promise<{ status: number; head: string; body: string }> {
    for (;;) {
      const text = this.received.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end !== -1) {
        const head = text.slice(0, end);
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
        if (text.length >= end + 4 + length) {
          this.received = this.received.subarray(end + 4 + length);
          return { status: Number(head.slice(9, 12)), head, body: text.slice(end + 4, end + 4 + length) };
        }
      }
      if (this.#hasEnded) throw new Error(`TCP ended before an answer: ${JSON.stringify(text)}`);
      await this.#more();
    }
  }

  static handshakeHeaders(headers: Headers): [string, string][] {
    return [
      ...Object.entries(headers),
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
      ['Sec-WebSocket-Version', '13'],
      ['Sec-WebSocket-Key', randomBytes(16).toString('base64')],
    ];
  }

  async upgrade(path: string, headers: Headers): Promise<this> {
    this.request('GET', path, RawSocket.handshakeHeaders(headers));
    const { status } = await this.answer();
    if (status !== 101) throw new Error(`upgrade answered with ${status}`);
    return this;
  }

  send(payload: Buffer | string, options?: FrameOptions): void {
    this.socket.write(clientFrame(payload, options));
  }

  /** The next frame from the relay; undefined if TCP ends first. */
  async frame(): Promise<ServerFrame | undefined> {
    for (;;) {
      const parsed = parseServerFrame(this.received);
      if (parsed !== undefined) {
        this.received = this.received.subarray(parsed.bytes);
        return parsed.frame;
      }
      if (this.#hasEnded) return undefined;
      await this.#more();
    }
  }

  /** The code of the next close frame, skipping other frames; undefined if TCP ends without one. */
  async closeCode(): Promise<number | undefined> {
    for (;;) {
      const frame = await this.frame();
      if (frame === undefined) return undefined;
      if (frame.opcode === 8) return frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 1005;
    }
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Ends the connection with a TCP reset. */
  reset(): void {
    this.#tcp.resetAndDestroy();
  }
}
