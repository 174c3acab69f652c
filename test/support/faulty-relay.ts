/** A relay of a hundred lines, right but for one fault: what a probe must find. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';

export type Fault =
  | 'none'
  | 'wrong code for an unknown server-id'
  | 'no pongs'
  | 'one conn id for all'
  | 'numbers rewritten'
  | 'whitespace removed'
  | 'swapped to phones'
  | 'swapped to the binary'
  | 'long frames are lost'
  | 'second claim is taken'
  | 'first binary is closed'
  | 'directive before the frame'
  | 'directive with another code'
  | 'no notice'
  | 'notice before the last frame'
  | 'whitespace removed to the binary'
  | 'a frame for everybody'
  | 'a flood of messages'
  | 'a huge message';

/** More than a probe keeps, of messages and of bytes. */
const FLOOD = 20_000;
const HUGE_CHARS = 2 * 1024 * 1024;

type Send = (text: string) => void;

/** The default of ws is one buffer for each message. */
const textOf = (data: RawData): string => (Buffer.isBuffer(data) ? data.toString() : '');

const rewrite = (fault: Fault, frame: string): string => {
  if (fault === 'numbers rewritten') return frame.replace('-0', '0');
  return fault === 'whitespace removed' ? frame.replaceAll(/[\t ]/g, '') : frame;
};

/** Holds every numbered frame with an even number back, until the next has been sent. */
const swapping = (send: Send): Send => {
  let held: string | undefined;
  return (text) => {
    if (held === undefined && /"n":\d*[02468]\}/.test(text)) {
      held = text;
      return;
    }
    send(text);
    if (held !== undefined) send(held);
    held = undefined;
  };
};

export class FaultyRelay {
  readonly #http: Server = createServer();
  readonly #wss: WebSocketServer;
  readonly #fault: Fault;
  readonly #binaries = new Map<string, WebSocket>();
  readonly #phones = new Map<string, WebSocket>();
  #lastPhone = 0;
  /** Connections that were dialled. */
  dials = 0;
  url = '';

  private constructor(fault: Fault) {
    this.#fault = fault;
    this.#wss = new WebSocketServer({ server: this.#http, autoPong: fault !== 'no pongs' });
    this.#wss.on('connection', (ws, request) => this.#accept(ws, request));
  }

  static async start(fault: Fault): Promise<FaultyRelay> {
    const relay = new FaultyRelay(fault);
    await new Promise<void>((resolve) => relay.#http.listen(0, '127.0.0.1', resolve));
    // Bound to a TCP port above.
    relay.url = `ws://127.0.0.1:${(relay.#http.address() as AddressInfo).port}`;
    return relay;
  }

  /** Connections that are open. */
  get open(): number {
    return this.#wss.clients.size;
  }

  stop(): void {
    for (const ws of this.#wss.clients) ws.terminate();
    this.#http.close();
  }

  #has(fault: Fault): boolean {
    return this.#fault === fault;
  }

  #accept(ws: WebSocket, { url, headers }: IncomingMessage): void {
    this.dials++;
    ws.on('error', () => {});
    const serverId = String(headers['x-pyrycode-server']);
    if (url === '/v1/server') this.#claim(ws, serverId);
    else this.#register(ws, serverId);
  }

  #claim(ws: WebSocket, serverId: string): void {
    const first = this.#binaries.get(serverId);
    if (first !== undefined && this.#has('first binary is closed')) first.close(1011);
    if (first !== undefined && !this.#has('second claim is taken')) ws.close(4409);
    if (first !== undefined) return;
    this.#binaries.set(serverId, ws);
    if (this.#has('a flood of messages')) for (let n = 0; n < FLOOD; n++) ws.send('{}');
    if (this.#has('a huge message')) ws.send('x'.repeat(HUGE_CHARS));
    const sends = new Map<string, Send>();
    ws.on('message', (data) => {
      const { conn_id: connId, close_code: code } = JSON.parse(textOf(data)) as {
        conn_id: string;
        close_code?: number;
      };
      const phone = this.#phones.get(connId);
      const [, frame = ''] = /"frame":([^]*?)(?:,"close_code":\d+)?\}$/.exec(textOf(data)) ?? [];
      let send = sends.get(connId);
      if (send === undefined) {
        const plain: Send = (text) => phone?.send(text);
        send = this.#has('swapped to phones') ? swapping(plain) : plain;
        sends.set(connId, send);
      }
      const isDirective = code === 4410 && frame.includes('last');
      if (isDirective && this.#has('directive before the frame')) phone?.close(code);
      send(rewrite(this.#fault, frame));
      if (isDirective) {
        this.#phones.delete(connId);
        phone?.close(this.#has('directive with another code') ? 4000 : code);
      }
    });
  }

  #register(ws: WebSocket, serverId: string): void {
    const binary = this.#binaries.get(serverId);
    if (binary === undefined) {
      ws.close(this.#has('wrong code for an unknown server-id') ? 4403 : 4404);
      return;
    }
    this.#lastPhone++;
    const connId = this.#has('one conn id for all') ? 'c-1' : `c-${this.#lastPhone}`;
    this.#phones.set(connId, ws);
    const plain: Send = (text) => binary.send(text);
    const send = this.#has('swapped to the binary') ? swapping(plain) : plain;
    const notice = `{"conn_id":"${connId}","close_code":4000}`;
    ws.on('message', (data) => {
      const frame = textOf(data);
      const isLast = frame.includes('last');
      if (frame.length > 100_000 && this.#has('long frames are lost')) return;
      if (isLast && this.#has('notice before the last frame')) binary.send(notice);
      const isLoose = frame.startsWith('{ ') && this.#has('whitespace removed to the binary');
      const sent = isLoose ? frame.replaceAll(/\s/g, '') : frame;
      send(`{"conn_id":"${connId}","frame":${sent}}`);
      if (isLast && this.#has('a frame for everybody'))
        for (const phone of this.#phones.values()) if (phone !== ws) phone.send(frame);
    });
    ws.on('close', () => {
      if (this.#phones.delete(connId) && !this.#has('no notice')) binary.send(notice);
    });
  }
}
