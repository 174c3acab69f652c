/**
 * Plays transport and every peer for an actor system: carries out at once what connections want done on their sockets, and
 * writes down what a peer, or a test, would see of it. Peers answer pings and close frames promptly, unless told not to.
 */
import type { ConnectionEmitted, SocketEvent } from '../machines/connection-messages.ts';
import type { Dial, DirectoryEmitted } from '../machines/directory-messages.ts';
import { ActorSystem, type RelayLogic, type Said } from './actor-system.ts';
import type { ExpectedClose } from './expectations.ts';

interface Notice {
  readonly at: string;
  readonly about: string;
  readonly closeCode: number;
}

export interface Seen {
  /** The close frames sent to peers, by conn id. */
  readonly closes: Map<string, ExpectedClose>;
  readonly notices: Notice[];
  readonly admitted: string[];
  readonly probed: string[];
  /** Whose backlog was sent before anything else. */
  readonly flushed: Set<string>;
  /** What must never happen. */
  readonly faults: string[];
}

const nothing = (): Seen => ({
  closes: new Map(),
  notices: [],
  admitted: [],
  probed: [],
  flushed: new Set(),
  faults: [],
});

/** Timers that follow one another must find the time that each of them set. */
const TICK_MS = 1_000;
const LEFT_CODE = 1000;
const LOST_CODE = 1006;

export class PlayedSockets {
  readonly system: ActorSystem;
  #heard: Said[] = [];
  #seen = nothing();
  /** With which code the WebSocket layer will report the end. */
  readonly #endCodes = new Map<string, number>();
  readonly #ignoresClose = new Set<string>();

  constructor(maxPhones: number, relay?: RelayLogic) {
    this.system = new ActorSystem({ maxPhones, ...(relay && { relay }) }, (said) => this.#heard.push(said));
  }

  /** Since the last `forget`. */
  get seen(): Seen {
    return this.#seen;
  }

  forget(): void {
    this.#seen = nothing();
  }

  dial(dial: Dial): void {
    this.system.dial(dial);
    this.react();
  }

  report(connId: string | undefined, event: SocketEvent): void {
    if (connId === undefined) return;
    this.system.report(connId, event);
    this.react();
  }

  /** The peer closes in good order. */
  leave(connId: string): void {
    this.#endCodes.set(connId, LEFT_CODE);
    this.report(connId, { type: 'peer.closed' });
  }

  /** TCP ends without a close frame. */
  drop(connId: string): void {
    this.report(connId, { type: 'socket.ended', closeCode: LOST_CODE });
  }

  /** This peer does not answer a close frame, until `answerAll`. */
  ignoreClose(connId: string | undefined): void {
    if (connId !== undefined) this.#ignoresClose.add(connId);
  }

  answerAll(): void {
    for (const connId of this.#ignoresClose) this.report(connId, { type: 'peer.closed' });
    this.#ignoresClose.clear();
  }

  advance(ms: number): void {
    for (let leftMs = ms; leftMs > 0; leftMs -= TICK_MS) {
      this.system.clock.increment(Math.min(TICK_MS, leftMs));
      this.react();
    }
  }

  /** Carries out what is due, and what comes of that. */
  react(): void {
    for (let heard = this.#heard.shift(); heard !== undefined; heard = this.#heard.shift()) {
      if (heard.by === 'connection') this.#carryOut(heard.connId, heard.said);
      else if (heard.by === 'directory') this.#noteFault(heard.said);
    }
  }

  #carryOut(connId: string, said: ConnectionEmitted): void {
    const report = (event: SocketEvent): void => this.system.report(connId, event);
    switch (said.type) {
      case 'ping.due':
        report({ type: 'pong.received' });
        return;
      case 'probe.due':
        this.#seen.probed.push(connId);
        return;
      case 'notice.due':
        this.#seen.notices.push({ at: connId, about: said.connId, closeCode: said.closeCode });
        return;
      case 'flush.due':
        this.#seen.flushed.add(connId);
        report({ type: 'backlog.flushed' });
        return;
      case 'close.due': {
        const { closeCode, reason } = said.close;
        this.#seen.closes.set(connId, { code: closeCode, reason });
        this.#endCodes.set(connId, closeCode);
        report({ type: 'close.written' });
        if (!this.#ignoresClose.has(connId)) report({ type: 'peer.closed' });
        return;
      }
      case 'end.due':
        report({ type: 'socket.ended', closeCode: this.#endCodes.get(connId) ?? LOST_CODE });
        return;
      case 'cut.due':
        report({ type: 'socket.ended', closeCode: LOST_CODE });
        return;
      case 'connection.admitted':
        this.#seen.admitted.push(connId);
        return;
      // Only what a peer can see is judged here; the joint graph looks at the reports.
      case 'discard.due':
      case 'connection.refused':
      case 'connection.left':
      case 'connection.ended':
    }
  }

  #noteFault(said: DirectoryEmitted): void {
    if (said.type === 'event.undeliverable')
      this.#seen.faults.push(`${said.event} for a ${said.to} that is not there`);
    if (said.type === 'server.failed')
      this.#seen.faults.push(`the server actor threw: ${String(said.error)}`);
    if (said.type === 'connection.failed')
      this.#seen.faults.push(`${said.connId}'s actor threw: ${String(said.error)}`);
  }
}
