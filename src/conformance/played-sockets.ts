/**
 * Plays transport and every peer for an actor system. Carries out all orders at once, and notes what a peer or a test would
 * see. Peers answer pings and close frames at once, unless told not to.
 */
import type { ConnectionEmitted, SocketEvent } from '../machines/connection-messages.ts';
import { isOpen, isWaiting } from '../machines/connection-view.ts';
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
  /** Peers whose backlog was sent before anything else. */
  readonly flushed: Set<string>;
  /** Faults: things that must never happen. */
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

/** Advances in steps, so that each of several consecutive timers starts at the right time. */
const TICK_MS = 1_000;
const LEFT_CODE = 1000;
const LOST_CODE = 1006;

export class PlayedSockets {
  readonly system: ActorSystem;
  #heard: Said[] = [];
  #seen = nothing();
  /** The code with which the WebSocket layer will report the end. */
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

  /** Conn ids of those that are open or waiting. */
  connected(): string[] {
    return [...this.system.connections].flatMap(([connId, ref]) => {
      const snapshot = ref.getSnapshot();
      return isOpen(snapshot) || isWaiting(snapshot) ? [connId] : [];
    });
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

  /** The peer sends a close frame. */
  leave(connId: string): void {
    this.#endCodes.set(connId, LEFT_CODE);
    this.report(connId, { type: 'peer.closed' });
  }

  /** TCP ends without a close frame. */
  drop(connId: string): void {
    this.report(connId, { type: 'socket.ended', closeCode: LOST_CODE });
  }

  /** This peer does not answer close frames until `answerAll`. */
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

  /** Carries out an order and everything that follows from it. */
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
        report({ type: 'peer.heard' });
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
      // Only what a peer can see is judged here; the joint graph checks the reports.
      case 'discard.due':
      case 'connection.refused':
      case 'connection.left':
      case 'connection.cut_short':
      case 'connection.ended':
    }
  }

  #noteFault(said: DirectoryEmitted): void {
    if (said.type === 'event.undeliverable')
      this.#seen.faults.push(`${said.event} for a ${said.to} that does not exist`);
    if (said.type === 'server.failed')
      this.#seen.faults.push(`the server actor threw: ${String(said.error)}`);
    if (said.type === 'connection.failed')
      this.#seen.faults.push(`${said.connId}'s actor threw: ${String(said.error)}`);
  }
}
