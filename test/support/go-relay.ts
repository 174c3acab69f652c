/**
 * A small relay that deviates as the Go relay does: it sends its 101 before it registers, probes once for each claimant and
 * reads none of them meanwhile, frees the place of a dismissed phone only when its close handshake is done, now and then drops
 * TCP where a close frame is due, and reads and writes envelopes as encoding/json does.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { answersPing, decode, GoSocket, maySend, reEncode, textOf } from './go-wire.ts';

export interface GoRelayOptions {
  readonly maxPhones: number;
  readonly graceMs: number;
  readonly probeTimeoutMs: number;
  /** Time from a 101 to its registration, and from the end of a phone to the release of its place. */
  readonly lagMs?: (role: 'binary' | 'phone') => number;
  /** Time from the end of a phone to its close notice. The Go relay takes none. */
  readonly noticeLagMs?: () => number;
  /** Whether this close is lost, because a write was in progress. */
  readonly dropsClose?: () => boolean;
}

/** As long as the library waits for the answer to a close frame. */
const CLOSE_ANSWER_MS = 5_000;
const CLOSED_ABRUPTLY = 1006;
const GOING_AWAY = 1001;

/** As its library counts: one more than is accepted. */
const READ_LIMIT = 262_145;

interface Phone {
  readonly ws: WebSocket;
  readonly connId: string;
  /** The binary that it registered under. */
  readonly under: WebSocket;
  isDismissed: boolean;
}

interface Slot {
  binary: WebSocket;
  readonly phones: Map<string, Phone>;
  grace: NodeJS.Timeout | undefined;
}

export class GoRelay {
  readonly #http: Server = createServer();
  readonly #wss: WebSocketServer;
  readonly #options: Required<GoRelayOptions>;
  readonly #slots = new Map<string, Slot>();
  /** Those that the relay itself closes. */
  readonly #closing = new WeakSet<WebSocket>();
  #lastPhone = 0;
  #lastPing = 0;
  url = '';

  private constructor(options: GoRelayOptions) {
    this.#options = { lagMs: () => 0, noticeLagMs: () => 0, dropsClose: () => false, ...options };
    // Not in the types of ws, hence no literal in its place.
    const unbounded = { maxFragments: 0, maxPendingAutoPongs: 0, skipUTF8Validation: true };
    this.#wss = new WebSocketServer({ server: this.#http, WebSocket: GoSocket, ...unbounded });
    this.#wss.on('connection', (ws, request) => this.#accept(ws, request));
  }

  static async start(options: GoRelayOptions): Promise<GoRelay> {
    const relay = new GoRelay(options);
    await new Promise<void>((resolve) => relay.#http.listen(0, '127.0.0.1', resolve));
    // Bound to a TCP port above.
    relay.url = `ws://127.0.0.1:${(relay.#http.address() as AddressInfo).port}`;
    return relay;
  }

  stop(): void {
    for (const { grace } of this.#slots.values()) clearTimeout(grace);
    for (const ws of this.#wss.clients) ws.terminate();
    this.#http.close();
  }

  #accept(ws: WebSocket, { url, headers }: IncomingMessage): void {
    ws.on('error', () => {});
    // One listener for each claimant that waits.
    ws.setMaxListeners(0);
    // Nothing is read before the registration, pings neither.
    ws.pause();
    const serverId = String(headers['x-pyrycode-server']);
    const role = url === '/v1/server' ? 'binary' : 'phone';
    setTimeout(() => {
      if (role === 'binary') void this.#claim(ws, serverId);
      else this.#register(ws, serverId);
    }, this.#options.lagMs(role));
  }

  #close(ws: WebSocket, code: number, reason = ''): void {
    ws.resume();
    this.#closing.add(ws);
    if (!maySend(code)) ws.terminate();
    else ws.close(code, reason);
    setTimeout(() => ws.terminate(), CLOSE_ANSWER_MS).unref();
  }

  #evict(phones: Iterable<Phone>, code: number, reason = ''): void {
    for (const { ws } of phones) {
      if (this.#options.dropsClose()) ws.terminate();
      else this.#close(ws, code, reason);
    }
  }

  async #claim(ws: WebSocket, serverId: string): Promise<void> {
    const held = this.#slots.get(serverId);
    const holder = held !== undefined && held.grace === undefined ? held.binary : undefined;
    if (holder !== undefined) {
      if (await answersPing(holder, ++this.#lastPing, this.#options.probeTimeoutMs)) {
        this.#close(ws, 4409, 'server-id already claimed');
        return;
      }
      const now = this.#slots.get(serverId);
      if (now !== undefined && now.binary !== holder) {
        this.#close(ws, 4409, 'server-id already claimed');
        return;
      }
    }
    const slot = this.#slots.get(serverId);
    clearTimeout(slot?.grace);
    const phones = [...(slot?.phones.values() ?? [])];
    this.#slots.set(serverId, { binary: ws, phones: new Map(), grace: undefined });
    this.#evict(phones, 4404, 'binary reclaimed server-id');
    if (holder !== undefined) this.#close(holder, 1011, 'heartbeat timeout');
    this.#serve(ws, serverId);
  }

  #serve(ws: WebSocket, serverId: string): void {
    ws.on('message', (data) => {
      const envelope = decode(textOf(data));
      const phone = this.#slots.get(serverId)?.phones.get(envelope?.conn_id ?? '');
      if (envelope === undefined || phone === undefined) return;
      if (envelope.frame !== undefined) phone.ws.send(JSON.stringify(envelope.frame));
      if (envelope.close_code === undefined) return;
      phone.isDismissed = true;
      this.#close(phone.ws, envelope.close_code);
    });
    ws.on('close', () => {
      const slot = this.#slots.get(serverId);
      if (slot?.binary !== ws) return;
      slot.grace = setTimeout(() => {
        this.#slots.delete(serverId);
        this.#evict(slot.phones.values(), 1000);
      }, this.#options.graceMs);
    });
    if (ws.readyState === WebSocket.CLOSED) ws.emit('close');
    ws.resume();
  }

  #register(ws: WebSocket, serverId: string): void {
    const slot = this.#slots.get(serverId);
    const { maxPhones } = this.#options;
    if (slot === undefined) {
      this.#close(ws, 4404, 'no server with that id');
      return;
    }
    if (maxPhones > 0 && slot.phones.size >= maxPhones) {
      this.#close(ws, 4429, 'too many phones for server-id');
      return;
    }
    const connId = `client-${serverId}-${String(++this.#lastPhone).padStart(8, '0')}`;
    const phone: Phone = { ws, connId, under: slot.binary, isDismissed: false };
    slot.phones.set(connId, phone);
    let isOver = false;
    const end = (code: number): void => {
      if (isOver) return;
      isOver = true;
      if (!phone.isDismissed && this.#slots.get(serverId)?.binary === phone.under) {
        const notice = JSON.stringify({ conn_id: connId, close_code: code });
        const lagMs = this.#options.noticeLagMs();
        if (lagMs > 0) setTimeout(() => phone.under.send(notice), lagMs);
        else phone.under.send(notice);
      }
      setTimeout(() => slot.phones.delete(connId), this.#options.lagMs('phone'));
    };
    ws.on('message', (data) => {
      if (isOver) return;
      const text = textOf(data);
      if (text.length >= READ_LIMIT) {
        end(GOING_AWAY);
        this.#close(ws, 1009, `read limited at ${READ_LIMIT} bytes`);
        return;
      }
      try {
        const frame = reEncode(text);
        if (slot.binary.readyState === WebSocket.OPEN && slot.grace === undefined) {
          slot.binary.send(`{"conn_id":"${connId}","frame":${frame}}`);
          return;
        }
      } catch {
        // A phone that does not send JSON is closed, as one that nobody can hear.
      }
      end(GOING_AWAY);
      this.#close(ws, 1000);
    });
    ws.on('answers close', (code: number) => {
      if (!this.#closing.has(ws)) end(code);
    });
    ws.on('close', (code) => end(code === CLOSED_ABRUPTLY ? GOING_AWAY : code));
    if (ws.readyState === WebSocket.CLOSED) end(GOING_AWAY);
    ws.resume();
  }
}
